using System.Globalization;

namespace Harness.Reports;

/// <summary>Size of the change of one kind of weights in one layer.</summary>
/// <param name="Layer">The layer's number, or a word for weights outside the layers.</param>
/// <param name="Module">Kind of weights: <c>query</c>, <c>down</c>.</param>
/// <param name="Percent">Size of the change in percent of the weights' size.</param>
public sealed record LayerChange(string Layer, string Module, double Percent)
{
    private const string Prefix = "change/";

    /// <summary>A row's changes, from the series <c>change/layer/module</c>: layers by number, then what is no number.</summary>
    public static IReadOnlyList<LayerChange> Of(MeasuredRow row) =>
    [
        .. from series in row.Scores
           where series.Key.StartsWith(Prefix, StringComparison.Ordinal) && series.Value.Count > 0
           let parts = series.Key[Prefix.Length..].Split('/', 2)
           where parts.Length == 2
           orderby Number(parts[0]), parts[0], parts[1]
           select new LayerChange(parts[0], parts[1], Digits.Percent(series.Value.Average(item => item.Value))),
    ];

    /// <summary>What layers are ordered by; infinity for words.</summary>
    internal static double Number(string layer) =>
        double.TryParse(layer, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.PositiveInfinity;
}
