using Harness.Measuring.Cells;

namespace Harness.Reports;

/// <summary>
/// The most that an edit can be expected to reach: how many of the old answers the unedited model gives, every token the argmax, to the
/// questions of a metric. It was taught those of reliability; that it answers those of generality and portability, which it was not taught
/// of these subjects, is the generalisation that an edit's may be compared with.
/// </summary>
/// <param name="Dataset">Data set.</param>
/// <param name="Model">Model.</param>
/// <param name="Metric">Metric.</param>
/// <param name="Recalled">Questions answered with the old answer, of all seeds.</param>
/// <param name="Asked">Questions asked.</param>
public sealed record Ceiling(string Dataset, string Model, string Metric, int Recalled, int Asked)
{
    /// <summary>The share in percent.</summary>
    internal double Percent => Digits.Percent((double)Recalled / Asked);

    /// <summary>
    /// The ceilings of a data set and model, from their Model cells, one of each seed; none where all questions were taught.
    /// </summary>
    internal static IEnumerable<Ceiling> Of(string dataset, string model, IReadOnlyList<Recall> seeds)
    {
        var unseen = seeds.SelectMany(seed => seed.Unseen ?? new Dictionary<string, Recall>())
            .GroupBy(metric => metric.Key, metric => metric.Value)
            .Select(metric => (metric.Key, Recalls: metric.ToList())).ToList();
        if (unseen.Count == 0) return [];
        return unseen.Prepend(("reliability", [.. seeds])).Select(metric => new Ceiling(
            dataset, model, metric.Key, metric.Recalls.Sum(one => one.Recalled), metric.Recalls.Sum(one => one.Asked)));
    }
}
