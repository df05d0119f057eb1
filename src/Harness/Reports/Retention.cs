using System.Globalization;
using Harness.Inference;

namespace Harness.Reports;

/// <summary>How well a run of consecutive edits is kept.</summary>
/// <param name="Edit">Middle of the run among the edits; the first edit is 1.</param>
/// <param name="N">Number of edits in it, of each seed.</param>
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
    /// <param name="row">The row, measured once with each seed.</param>
    /// <param name="metric">As from <see cref="MetricOf"/>.</param>
    /// <param name="bootstrap">Gives the intervals.</param>
    public static IReadOnlyList<RetentionBin> Of(IReadOnlyList<MeasuredRow> row, string metric, Bootstrap bootstrap)
    {
        var after = row.Select(seed => Values(seed, metric)).ToList();
        var each = row.Select(seed => Values(seed, $"{metric}-each")).ToList();
        var edits = after.Min(seed => seed.Length);
        var bins = Math.Min(MostBins, edits);
        return
        [
            .. from bin in Enumerable.Range(0, bins)
               let run = (bin * edits / bins)..((bin + 1) * edits / bins)
               let count = run.End.Value - run.Start.Value
               let inside = after.ConvertAll(seed => seed[run])
               let mean = bootstrap.Over([.. inside.Select(seed => count)], (seed, drawn) => drawn.Average(item => inside[seed][item]))
                   .NoSurerThan(ExactBounds.OfShare([.. inside.SelectMany(seed => seed)], 0, bootstrap.Options.Confidence))
               let interval = count > 1 ? mean.Interval : null
               select new RetentionBin(
                   (run.Start.Value + 1 + run.End.Value) / 2.0,
                   count,
                   Digits.Percent(mean.Value),
                   interval is null ? null : Digits.Percent(Math.Max(0, interval.Low)),
                   interval is null ? null : Digits.Percent(Math.Min(1, interval.High)),
                   each.TrueForAll(seed => seed.Length == edits) ? Digits.Percent(each.Average(seed => seed[run].Average())) : null),
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

    /// <summary>
    /// A row's changes, from the series <c>change/layer/module</c> of each seed: layers by number, then what is no number.
    /// </summary>
    public static IReadOnlyList<LayerChange> Of(IReadOnlyList<MeasuredRow> row) =>
    [
        .. from series in row.SelectMany(seed => seed.Scores).Where(series => series.Value.Count > 0)
           group series.Value.Average(item => item.Value) by series.Key into changes
           where changes.Key.StartsWith(Prefix, StringComparison.Ordinal)
           let parts = changes.Key[Prefix.Length..].Split('/', 2)
           where parts.Length == 2
           orderby Number(parts[0]), parts[0], parts[1]
           select new LayerChange(parts[0], parts[1], Digits.Percent(changes.Average())),
    ];

    /// <summary>What layers are ordered by; infinity for words.</summary>
    internal static double Number(string layer) =>
        double.TryParse(layer, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.PositiveInfinity;
}
