using System.Globalization;
using Harness.Declarations;
using Harness.Reports;

namespace Harness.Figures;

/// <summary>How an axis spaces its values.</summary>
internal enum AxisKind
{
    /// <summary>By their difference.</summary>
    Linear,

    /// <summary>By their ratio.</summary>
    Log,

    /// <summary>One after another; they need not be numbers.</summary>
    Ordinal,
}

/// <summary>A horizontal axis over which rows are varied.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Kind">How it spaces values.</param>
/// <param name="Values">The marked values: numbers, but for an ordinal axis.</param>
internal sealed record FigureAxis(string Title, AxisKind Kind, IReadOnlyList<string> Values)
{
    /// <summary>
    /// An axis of the experiment: ordinal unless all its values are numbers, and such as a logarithm takes where it is one.
    /// </summary>
    public static FigureAxis Of(AxisEntry axis)
    {
        double?[] numbers = [.. axis.Values.Select(Number)];
        var kind = numbers.Any(number => number is null) ? AxisKind.Ordinal
            : !axis.IsLogarithmic ? AxisKind.Linear
            : numbers.All(number => number > 0) ? AxisKind.Log
            : AxisKind.Ordinal;
        return new(axis.Name, kind, axis.Values);
    }

    /// <summary>Where a value stands: ScottPlot has no logarithmic axis, so its logarithm does.</summary>
    public double At(string value) => Kind switch
    {
        AxisKind.Ordinal => Values.ToList().IndexOf(value),
        AxisKind.Log => Math.Log10(Number(value)!.Value),
        _ => Number(value)!.Value,
    };

    private static double? Number(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>Ends and marks of an axis of a metric's numbers.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end, above which a little room is left for marks.</param>
/// <param name="Ticks">Grid lines; those without a label are between two that have one.</param>
/// <param name="IsLogarithmic">Whether both are powers of ten.</param>
internal sealed record ValueScale(double Low, double High, IReadOnlyList<(double At, string Label)> Ticks, bool IsLogarithmic = false)
{
    private const int Steps = 4;
    private static readonly double[] Round = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

    /// <summary>
    /// Percentages of which more is better from 0, or −100 where one is negative, to 100: panels can be compared. Other units from 0 to a
    /// round number above the largest, from as far below 0 where one is negative, or by powers of ten where it is logarithmic.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <param name="shown">All numbers that are drawn.</param>
    /// <param name="logarithmic">Whether numbers are spaced by their ratio; only where all are above 0.</param>
    public static ValueScale Of(Metric metric, IReadOnlyCollection<double> shown, bool logarithmic = false)
    {
        if (logarithmic && shown.Count > 0 && shown.All(value => value > 0)) return Powers(shown);
        if (metric.Unit == MetricUnit.Percent && metric.IsHigherBetter)
            return shown.Any(value => value < 0) ? Even(-100, 100) : Even(0, 100);
        if (!shown.Any(value => value < 0)) return Even(0, Above(shown.Append(0).Max()));
        var farthest = Above(shown.Max(Math.Abs));
        return Even(-farthest, farthest);
    }

    /// <summary>Where a number stands.</summary>
    public double At(double value) => IsLogarithmic ? Math.Log10(value) : value;

    private static ValueScale Even(double low, double high) => new(low, high,
        [.. Enumerable.Range(0, Steps + 1).Select(step => (Value: low + ((high - low) * step / Steps), step))
            .Select(tick => (tick.Value, tick.step % 2 == 0 ? FigureWords.Label(tick.Value) : ""))]);

    private static ValueScale Powers(IReadOnlyCollection<double> shown)
    {
        var (low, high) = ((int)Math.Floor(Math.Log10(shown.Min())), (int)Math.Ceiling(Math.Log10(shown.Max())));
        if (high == low) high++;
        var every = high - low < 5 ? 1 : 2;
        var isWide = low < -3 || high > 4; // labels of one kind: none says 1e5 beside 1000
        return new(low, high, [.. Enumerable.Range(low, high - low + 1)
            .Select(power => ((double)power, (power - low) % every == 0 ? FigureWords.Power(power, isWide) : ""))], IsLogarithmic: true);
    }

    // The next round number.
    private static double Above(double value)
    {
        if (value <= 0) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return Round.Select(factor => factor * power).First(round => round >= value * 0.999999);
    }
}
