namespace Harness.Reports;

/// <summary>How well a run of consecutive edits is kept.</summary>
/// <param name="Edit">Middle of the run among the edits; the first edit is 1.</param>
/// <param name="N">Number of edits in it.</param>
/// <param name="Percent">Mean after all edits.</param>
/// <param name="Interval">Its bootstrap interval in percent; null where the run is one edit.</param>
/// <param name="Each">Mean right after each edit in percent; null where it was not measured.</param>
public sealed record RetentionBin(double Edit, int N, double Percent, Interval? Interval, double? Each);

/// <summary>What is left of the edits after all of them, by their place among them.</summary>
public static class Retention
{
    /// <summary>Most runs that a row's edits are cut into: more are no easier to read. Fewer edits stand one by one.</summary>
    public const int MostBins = 20;

    /// <summary>The metric that it is about: the first of these that the row has.</summary>
    private static readonly string[] Metrics = ["reliability", "es"];

    /// <summary>The metric that a report's retention is about.</summary>
    public static string MetricOf(Report report) =>
        Metrics.FirstOrDefault(metric => report.Measured.Any(row => row.Scores.ContainsKey(metric))) ?? Metrics[0];

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
                   interval is null ? null : new(Digits.Percent(interval.Low), Digits.Percent(interval.High)),
                   each.Length == after.Length ? Digits.Percent(each[run].Average()) : null),
        ];
    }

    private static double[] Values(MeasuredRow row, string series) =>
        [.. (row.Scores.GetValueOrDefault(series) ?? []).OrderBy(item => item.Id).Select(item => item.Value)];
}
