namespace Harness.Inference;

/// <summary>A place among rivals, 1 the best; equal ones share the best of their places.</summary>
/// <param name="Place">By the measured means.</param>
/// <param name="Low">The best place that the data allow.</param>
/// <param name="High">The worst.</param>
public sealed record Rank(int Place, int Low, int High);

/// <summary>
/// Ranks with their intervals (Mogstad, Romano, Shaikh and Wilhelm 2024, section 3: confidence sets for one rank): below as many rivals as
/// are better and above as many as are worse, each by its paired difference, corrected for the number of rivals (Holm).
/// </summary>
internal static class Ranking
{
    // Sums of fractions leave residues near 1e-14.
    private const double Same = 1e-11;

    /// <summary>The ranks of rows over the same items, in the rows' order.</summary>
    /// <param name="rows">The rows' items of one metric.</param>
    /// <param name="isHigherBetter">Whether more is better.</param>
    /// <param name="bootstrap">Draws the same seeds and items for all of them.</param>
    public static IReadOnlyList<Rank> Of(IReadOnlyList<MetricItems> rows, bool isHigherBetter, Bootstrap bootstrap)
    {
        var sign = isHigherBetter ? 1 : -1;
        var drawn = rows.Select(row => row.Resample(bootstrap)).ToList();
        var means = drawn.ConvertAll(row => sign * row.Points.Average());
        return [.. rows.Select((_, row) =>
        {
            int[] rivals = [.. Enumerable.Range(0, rows.Count).Where(rival => rival != row)];
            var better = rivals.Select(rival => Difference(rival, row)).ToList();
            var decided = MultipleTests.Holm(
                [.. better.Select(one => Math.Min(1, 2 * Math.Min(one.Above, one.Below)))], 1 - bootstrap.Options.Confidence);
            int Count(Func<Estimate, bool> isSo) => better.Where((one, place) => decided[place] && isSo(one)).Count();
            return new Rank(
                1 + rivals.Count(rival => means[rival] > means[row] + Same), 1 + Count(one => one.Value > 0),
                rows.Count - Count(one => one.Value < 0));
        })];

        Estimate Difference(int left, int right) => Estimate.Of(
            [.. drawn[left].Points.Zip(drawn[right].Points, (l, r) => sign * (l - r))],
            [.. drawn[left].Resampled.Zip(drawn[right].Resampled, (l, r) => sign * (l - r))], bootstrap.Options.Confidence);
    }
}
