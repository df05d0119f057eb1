namespace Harness.Measuring.Metrics;

/// <summary>One stored line of a Score cell: one case under one protocol.</summary>
/// <param name="Id">Number of the case in its data set.</param>
/// <param name="Values">Value of each of <see cref="MetricNames"/> that is defined for the case; one that is not is absent.</param>
public sealed record CaseScore(int Id, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>A metric's value, or null where it is not defined.</summary>
    public double? Of(string metric) => Values.TryGetValue(metric, out var value) ? value : null;
}
