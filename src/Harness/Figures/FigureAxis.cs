using System.Globalization;
using Harness.Declarations;

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
