using System.Globalization;
using System.Text.Json;
using Harness.Inference;

namespace Harness.Reports;

/// <summary>Numbers as shown: few digits in tables, all of them in data files; never by the machine's culture.</summary>
internal static class Digits
{
    /// <summary>What stands where there is no number.</summary>
    public const string None = "–";

    /// <summary>A number as it is shown in its unit, <c>64.3</c>, <c>1.25×</c>; a dash for null.</summary>
    public static string Short(double? shown, MetricUnit unit = MetricUnit.Percent) =>
        shown is { } value ? Number(value, unit, "0.0") + Sign(unit) : None;

    /// <summary>An interval's ends, <c>58–71</c>, <c>1.10–1.35</c>.</summary>
    public static string Range(Interval shown, MetricUnit unit = MetricUnit.Percent) =>
        $"{Number(shown.Low, unit, "0")}–{Number(shown.High, unit, "0")}";

    /// <summary>Counts from the fewest to the most, <c>5–100</c>, or the one that all are; 0 where there are none.</summary>
    public static string Range(IEnumerable<int> counts)
    {
        int[] all = [.. counts.DefaultIfEmpty(0)];
        return all.Min() == all.Max() ? $"{all.Max()}" : $"{all.Min()}–{all.Max()}";
    }

    /// <summary>Half the width of an interval, <c>6</c>, <c>0.13</c>.</summary>
    public static string HalfWidth(Interval shown, MetricUnit unit = MetricUnit.Percent) => Number((shown.High - shown.Low) / 2, unit, "0");

    /// <summary>A signed difference: in percentage points <c>+5.0</c>, else in the unit, <c>-0.25×</c>.</summary>
    public static string Signed(double difference, MetricUnit unit = MetricUnit.Percent) =>
        unit is MetricUnit.Percent or MetricUnit.Hundredths
        ? difference.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture)
        : (difference > 0 ? "+" : "") + Significant(difference) + Sign(unit);

    /// <summary>All digits, the shortest text that reads back as the same number; empty for null.</summary>
    public static string Full(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A fraction in percent, freed from the binary noise of the multiplication.</summary>
    public static double Percent(double fraction) => Math.Round(fraction * 100, 10);

    /// <summary>
    /// A probability with four digits that count: enough to decide by, and none that another machine's exponential may have otherwise.
    /// </summary>
    public static double Rounded(double probability) =>
        double.Parse(probability.ToString("e3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>A probability behind its letter, <c>0.012</c>: <c>= 0.012</c>, <c>&lt; 0.001</c>.</summary>
    public static string Probability(double probability) =>
        probability < 0.001 ? "< 0.001" : $"= {probability.ToString("0.000", CultureInfo.InvariantCulture)}";

    /// <summary>Several in words: <c>2</c>, <c>2 and 3</c>, <c>2, 3 and 4</c>.</summary>
    public static string List<T>(IReadOnlyList<T> items) =>
        items.Count < 2 ? string.Concat(items) : $"{string.Join(", ", items.SkipLast(1))} and {items[^1]}";

    /// <summary>The name that an enum value has in YAML and JSON.</summary>
    public static string Id<T>(T value) where T : struct, Enum =>
        JsonSerializer.SerializeToNode(value, CanonicalJson.Settings)!.GetValue<string>();

    /// <summary>A unit behind a metric's name.</summary>
    public static string Symbol(MetricUnit unit) => unit switch
    {
        MetricUnit.Percent => "%",
        MetricUnit.Ratio => "×",
        MetricUnit.Nats => "nats",
        MetricUnit.Seconds => "s",
        MetricUnit.Hundredths => "× 100",
        MetricUnit.Number => "",
        MetricUnit.Mebibytes => "MiB",
        _ => throw new ArgumentOutOfRangeException(nameof(unit)),
    };

    private static string Number(double shown, MetricUnit unit, string format) =>
        unit is MetricUnit.Percent or MetricUnit.Hundredths ? shown.ToString(format, CultureInfo.InvariantCulture) : Significant(shown);

    // A factor says so itself; other units stand in the head of the column.
    private static string Sign(MetricUnit unit) => unit == MetricUnit.Ratio ? "×" : "";

    // Three digits that say something, but no more than three behind the point.
    private static string Significant(double value) => Math.Abs(value) switch
    {
        >= 99_999.5 => value.ToString("0.0e0", CultureInfo.InvariantCulture),
        >= 99.95 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 9.995 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.9995 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
