using System.Globalization;

namespace Harness.Reports;

/// <summary>How well a run of consecutive edits is kept.</summary>
/// <param name="Edit">Middle of the run among the edits; the first edit is 1.</param>
/// <param name="N">Number of edits in it.</param>
/// <param name="Percent">Mean after all edits.</param>
/// <param name="Low">Lower end of its bootstrap interval in percent; null where the run is one edit.</param>
/// <param name="High">Upper end.</param>
/// <param name="Each">Mean right after each edit in percent; null where it was not measured.</param>
public sealed record RetentionBin(double Edit, int N, double Percent, double? Low, double? High, double? Each);

/// <summary>What is left of the edits after all of them, by their place among them.</summary>
public static class Retention
{
    /// <summary>Most runs that a row's edits are cut into: more are no easier to read. Fewer edits stand one by one.</summary>
    public const int MostBins = 20;

    /// <summary>The metric that a report's retention is about: the first on the edit prompt that it has.</summary>
    public static string MetricOf(Report report) =>
        Metric.OfEditPrompt.FirstOrDefault(metric => report.Measured.Any(row => row.Scores.ContainsKey(metric))) ?? Metric.OfEditPrompt[0];

    /// <summary>The row's runs, as even as can be, in the order of the edits; none where the metric was not measured.</summary>
    public static IReadOnlyList<RetentionBin> Of(MeasuredRow row, string metric, Bootstrap bootstrap)
    {
        var (after, each) = (Values(row, metric), Values(row, $"{metric}-each"));
        var bins = Math.Min(MostBins, after.Length);
        return
        [
            .. from bin in Enumerable.Range(0, bins)
               let run = (bin * after.Length / bins)..((bin + 1) * after.Length / bins)
               let inside = after[run]
               let interval = inside.Length > 1 ? bootstrap.Mean(inside) : null
               select new RetentionBin(
                   (run.Start.Value + 1 + run.End.Value) / 2.0,
                   inside.Length,
                   Digits.Percent(inside.Average()),
                   interval is null ? null : Digits.Percent(interval.Low),
                   interval is null ? null : Digits.Percent(interval.High),
                   each.Length == after.Length ? Digits.Percent(each[run].Average()) : null),
        ];
    }

    private static double[] Values(MeasuredRow row, string series) =>
        [.. (row.Scores.GetValueOrDefault(series) ?? []).OrderBy(item => item.Id).Select(item => item.Value)];
}

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
