namespace Harness.Inference;

/// <summary>What follows of several probabilities under chance, which need not be independent of each other.</summary>
internal static class MultipleTests
{
    /// <summary>
    /// For "at least <paramref name="needed"/> of these are so": (n − needed + 1) times the needed-th smallest, at most 1 (partial
    /// conjunction, Benjamini and Heller 2008). All of them: the largest. One of them: n times the smallest (Bonferroni).
    /// </summary>
    /// <param name="probabilities">One-sided, of each by itself.</param>
    /// <param name="needed">From 1 to their number.</param>
    public static double AtLeast(IReadOnlyCollection<double> probabilities, int needed) =>
        Math.Min(1, (probabilities.Count - needed + 1) * probabilities.Order().ElementAt(needed - 1));

    /// <summary>
    /// Which of them are decided so that, of all their statements, one is wrong in at most <paramref name="level"/> of all families (Holm
    /// 1979): in ascending order each must be at most the level over the number of those that are left, until one is not.
    /// </summary>
    /// <param name="probabilities">Two-sided, of each by itself.</param>
    /// <param name="level">Above 0 and below 1.</param>
    /// <returns>For each, in the given order, whether it is decided.</returns>
    public static IReadOnlyList<bool> Holm(IReadOnlyList<double> probabilities, double level)
    {
        var decided = new bool[probabilities.Count];
        var left = probabilities.Count;
        foreach (var index in Enumerable.Range(0, left).OrderBy(index => probabilities[index]))
        {
            if (probabilities[index] > level / left--) break;
            decided[index] = true;
        }

        return decided;
    }
}
