using Harness.Reports;

namespace Harness.Inference;

/// <summary>
/// The items of one row from which a metric is taken, of each seed: those that all its components have, in the order of the first. Items
/// of one group are resampled together (Davison and Hinkley 1997, section 3.8: clusters).
/// </summary>
internal sealed class MetricItems
{
    private readonly Metric metric;
    private readonly IReadOnlyList<SeedItems> seeds;

    private MetricItems(Metric metric, IReadOnlyList<SeedItems> seeds) => (this.metric, this.seeds) = (metric, seeds);

    /// <summary>Number of items of all seeds.</summary>
    public int Count => seeds.Sum(one => one.Ids.Count);

    /// <summary>The metric of each seed over all its items, as it is stored.</summary>
    public IReadOnlyList<double> Values => [.. seeds.Select(one => Over(one, one.AllGroups))];

    /// <summary>Numbers of the items of each seed.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Ids => [.. seeds.Select(one => one.Ids)];

    /// <summary>The items of a row, measured once with each seed; null where one has none.</summary>
    public static MetricItems? Of(IEnumerable<MeasuredRow> row, Metric metric)
    {
        var seeds = row.Select(one => Of(one, metric)).ToList();
        return seeds.Count == 0 || seeds.Contains(null) ? null : new(metric, seeds!);
    }

    /// <summary>The metric over all items, as it is stored: the mean over seeds.</summary>
    public Estimate Mean(Bootstrap bootstrap) => Above(0, bootstrap);

    /// <summary>The metric of each seed, and resampled: rows over the same items are drawn alike.</summary>
    public (double[] Points, double[] Resampled) Resample(Bootstrap bootstrap) =>
        bootstrap.Resample(Counts, (place, drawn) => Over(seeds[place], drawn));

    /// <summary>The metric less a number.</summary>
    public Estimate Above(double number, Bootstrap bootstrap)
    {
        var estimate = bootstrap.Over(Counts, (place, drawn) => Over(seeds[place], drawn) - number);
        if (!AreShares && !metric.IsHarmonic) return estimate;
        if (AreShares) estimate = estimate.NoSurerThan(ExactBounds.OfShare(Pooled, number, bootstrap.Options.Confidence));
        var (low, high) = estimate.Interval;
        return estimate with { Interval = new(Math.Max(low, 0 - number), Math.Min(high, 1 - number)) };
    }

    /// <summary>
    /// Left − right − offset, over the items that both have, as they are stored; the same items are drawn on both sides. Metrics about
    /// different items are resampled apart. Null where the sides share none of what should be the same.
    /// </summary>
    public static Estimate? Difference(MetricItems left, MetricItems right, double offset, Bootstrap bootstrap)
    {
        if (left.metric.Items != right.metric.Items)
        {
            return bootstrap.Apart(left.Counts, right.Counts,
                (place, first, second) => left.Over(left.seeds[place], first) - right.Over(right.seeds[place], second) - offset);
        }

        if (left.seeds.Count != right.seeds.Count) return null;
        var shared = left.seeds.Zip(right.seeds, (l, r) => l.Ids.Intersect(r.Ids).ToHashSet()).ToList();
        if (shared.Exists(ids => ids.Count == 0)) return null;
        var (a, b) = (left.Only(shared), right.Only(shared));
        var estimate = bootstrap.Over(a.Counts, (place, drawn) => a.Over(a.seeds[place], drawn) - b.Over(b.seeds[place], drawn) - offset);
        if (!a.AreShares || !b.AreShares) return estimate;
        double[] differences = [.. a.Pooled.Zip(b.Pooled, (l, r) => l - r)];
        return estimate.NoSurerThan(ExactBounds.OfConstant(differences, -1, 1, offset, bootstrap.Options.Confidence));
    }

    private int[] Counts => [.. seeds.Select(one => one.Groups.Count)];

    private IReadOnlyList<double> Pooled => [.. seeds.SelectMany(one => one.Groups.Select(group => Mean(one.Values[0], group)))];

    // Percents that no item can leave: answers are right in part, wholly or not at all, and sizes of a change know no bound.
    private bool AreShares => metric is { Unit: MetricUnit.Percent, Combine: null, Source: not MetricSource.Edit }
        && seeds.All(one => Array.TrueForAll(one.Values[0], value => value is >= 0 and <= 1));

    // Over the items of drawn groups.
    private double Over(SeedItems items, int[] groups)
    {
        var drawn = items.In(groups);
        return metric.Combine is { } combine
            ? combine([.. items.Values.Select(component => Mean(component, drawn))])
            : Mean(items.Values[0], drawn);
    }

    private static double Mean(double[] component, int[] drawn)
    {
        var sum = 0.0;
        foreach (var item in drawn) sum += component[item];
        return sum / drawn.Length;
    }

    private static SeedItems? Of(MeasuredRow row, Metric metric)
    {
        var series = metric.Components.Select(component => row.Scores.GetValueOrDefault(component)).ToList();
        if (series.Any(one => one is null or [])) return null;
        var byId = series.Skip(1).Select(one => one!.ToDictionary(item => item.Id, item => item.Value)).ToList();
        var items = series[0]!.Where(item => byId.TrueForAll(other => other.ContainsKey(item.Id))).ToList();
        return items is [] ? null : new(
            [.. items.Select(item => item.Id)],
            [[.. items.Select(item => item.Value)], .. byId.Select(other => items.Select(item => other[item.Id]).ToArray())],
            [.. items.Select(item => item.Group)]);
    }

    // In ascending order of the items' numbers where the two rows' orders differ; as they are where they do not.
    private MetricItems Only(List<HashSet<int>> shared) => new(metric, [.. seeds.Select((one, place) =>
    {
        int[] kept =
        [
            .. Enumerable.Range(0, one.Ids.Count).Where(item => shared[place].Contains(one.Ids[item])).OrderBy(item => one.Ids[item]),
        ];
        return new SeedItems([.. kept.Select(item => one.Ids[item])],
            [.. one.Values.Select(component => kept.Select(item => component[item]).ToArray())],
            [.. kept.Select(item => one.GroupOf[item])]);
    })]);

    // Values by component, then item; an item without a group is one of its own.
    private sealed record SeedItems(IReadOnlyList<int> Ids, double[][] Values, IReadOnlyList<string?> GroupOf)
    {
        public IReadOnlyList<int[]> Groups { get; } =
        [
            .. Enumerable.Range(0, Ids.Count).GroupBy(item => GroupOf[item] is { } name ? (name, -1) : ("", item))
                .Select(group => group.ToArray()),
        ];

        public int[] AllGroups => [.. Enumerable.Range(0, Groups.Count)];

        public int[] In(int[] groups) => Groups.Count == Ids.Count ? groups : [.. groups.SelectMany(group => Groups[group])];
    }
}
