namespace Harness.Reports;

/// <summary>The items of one row from which a metric is taken: those that all its components have, in the order of the first.</summary>
internal sealed class MetricItems
{
    private readonly Metric metric;
    private readonly double[][] values; // [component][item]

    private MetricItems(Metric metric, IReadOnlyList<int> ids, double[][] values) =>
        (this.metric, Ids, this.values) = (metric, ids, values);

    /// <summary>Numbers of the items.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>The items of a row; null where it has none.</summary>
    public static MetricItems? Of(MeasuredRow row, Metric metric)
    {
        var series = metric.Components.Select(component => row.Scores.GetValueOrDefault(component)).ToList();
        if (series.Any(one => one is null or [])) return null;
        var byId = series.Skip(1).Select(one => one!.ToDictionary(item => item.Id, item => item.Value)).ToList();
        var items = series[0]!.Where(item => byId.TrueForAll(other => other.ContainsKey(item.Id))).ToList();
        return items is [] ? null : new(
            metric,
            [.. items.Select(item => item.Id)],
            [[.. items.Select(item => item.Value)], .. byId.Select(other => items.Select(item => other[item.Id]).ToArray())]);
    }

    /// <summary>The metric over all items, as it is stored.</summary>
    public double Value =>
        metric.Combine is { } combine ? combine([.. values.Select(component => component.Average())]) : values[0].Average();

    /// <summary>The bootstrap interval of <see cref="Value"/>.</summary>
    public Interval Interval(Bootstrap bootstrap) => metric.Combine is null ? bootstrap.Mean(values[0]) : bootstrap.Over(Ids.Count, Over);

    /// <summary>
    /// Left − right − offset and its bootstrap interval, over the items that both have, as they are stored; the same items are drawn on
    /// both sides. Metrics about different items are resampled apart. Null where the sides share none of what should be the same.
    /// </summary>
    public static (double Value, Interval Interval)? Difference(MetricItems left, MetricItems right, double offset, Bootstrap bootstrap)
    {
        if (left.metric.Items != right.metric.Items)
        {
            return (left.Value - right.Value - offset,
                bootstrap.Apart(left.Ids.Count, right.Ids.Count, (first, second) => left.Over(first) - right.Over(second) - offset));
        }

        var shared = left.Ids.Intersect(right.Ids).ToHashSet();
        if (shared.Count == 0) return null;
        var (l, r) = (left.Only(shared), right.Only(shared));
        if (l.metric.Combine is not null || r.metric.Combine is not null)
            return (l.Value - r.Value - offset, bootstrap.Over(l.Ids.Count, drawn => l.Over(drawn) - r.Over(drawn) - offset));
        double[] differences = [.. l.values[0].Zip(r.values[0], (a, b) => a - b - offset)];
        return (differences.Average(), bootstrap.Mean(differences));
    }

    /// <summary>The metric less a number, and the interval of that.</summary>
    public (double Value, Interval Interval) Above(double number, Bootstrap bootstrap)
    {
        if (metric.Combine is not null) return (Value - number, bootstrap.Over(Ids.Count, drawn => Over(drawn) - number));
        double[] differences = [.. values[0].Select(value => value - number)];
        return (differences.Average(), bootstrap.Mean(differences));
    }

    private double Over(IReadOnlyList<int> drawn)
    {
        double[] means = [.. values.Select(component => drawn.Sum(item => component[item]) / drawn.Count)];
        return metric.Combine is { } combine ? combine(means) : means[0];
    }

    // In ascending order of the items' numbers where the two rows' orders differ; as they are where they do not.
    private MetricItems Only(HashSet<int> shared)
    {
        int[] kept = [.. Enumerable.Range(0, Ids.Count).Where(item => shared.Contains(Ids[item])).OrderBy(item => Ids[item])];
        return new(metric, [.. kept.Select(item => Ids[item])],
            [.. values.Select(component => kept.Select(item => component[item]).ToArray())]);
    }
}
