using System.Globalization;
using System.Text.Json;

namespace Harness.Experiments.Reports;

/// <summary>Numbers as shown: one decimal in tables, all digits in data files; never by the machine's culture.</summary>
internal static class Digits
{
    /// <summary>What stands where there is no number.</summary>
    public const string None = "–";

    /// <summary>Percent with one decimal, <c>64.3</c>; a dash for null.</summary>
    public static string Short(double? percent) => percent is { } value ? value.ToString("0.0", CultureInfo.InvariantCulture) : None;

    /// <summary>An interval's ends in whole percents, <c>58–71</c>.</summary>
    public static string Range(Interval percent) => $"{Whole(percent.Low)}–{Whole(percent.High)}";

    /// <summary>A signed difference in percentage points, <c>+5.0</c>.</summary>
    public static string Signed(double points) => points.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    /// <summary>All digits, the shortest text that reads back as the same number; empty for null.</summary>
    public static string Full(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A fraction in percent, freed from the binary noise of the multiplication.</summary>
    public static double Percent(double fraction) => Math.Round(fraction * 100, 10);

    /// <summary>The name that an enum value has in YAML and JSON.</summary>
    public static string Id<T>(T value) where T : struct, Enum =>
        JsonSerializer.SerializeToNode(value, CanonicalJson.Settings)!.GetValue<string>();

    /// <summary>Whole percents.</summary>
    public static string Whole(double percent) => percent.ToString("0", CultureInfo.InvariantCulture);
}
