namespace Harness.Tuning;

/// <summary>
/// Which points of a grid are tried: all where there are no more than wanted, else so many of them, all different, that each value of each
/// option occurs as often as any other of its option, or once less: a Latin hypercube (McKay, Beckman and Conover 1979) on the grid.
/// </summary>
internal static class SettingsDraw
{
    private const int MostSwaps = 1_000_000;

    /// <summary>Draws the points.</summary>
    /// <param name="values">Number of values of each option, at least 1.</param>
    /// <param name="most">Points that are wanted, at least 1.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <param name="purpose">What the draw is for: another purpose, another draw.</param>
    /// <returns>The index of each option's value, points in the order of the grid, its last option fastest.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Of(IReadOnlyList<int> values, int most, long seed, string purpose)
    {
        if (values.Aggregate(1L, (product, count) => product * count) <= most) return Grid(values);
        var random = new SeededRandom(seed, $"tuning/{purpose}");
        int[][] columns = [.. values.Select(count => Column(count, most, random))];
        string At(int i) => string.Join(' ', columns.Select(column => column[i]));
        var points = Enumerable.Range(0, most).Select(At).ToArray();
        var times = points.CountBy(point => point).ToDictionary();

        // Two points change places in one option, as long as that makes no more equal ones: how often a value occurs stays.
        for (var swaps = 0; times.Count < most; swaps++)
        {
            if (swaps == MostSwaps)
                throw new InvalidOperationException($"{purpose}: no {most} different points of {string.Join('×', values)} were found");
            var (column, i, j) = (columns[random.Next(columns.Length)], random.Next(most), random.Next(most));
            var before = times.Count;
            Swap();
            if (times.Count < before) Swap();

            void Swap()
            {
                Count(points[i], -1);
                if (i != j) Count(points[j], -1);
                (column[i], column[j]) = (column[j], column[i]);
                (points[i], points[j]) = (At(i), At(j));
                Count(points[i], 1);
                if (i != j) Count(points[j], 1);
            }
        }

        return [.. Enumerable.Range(0, most).Select(i => columns.Select(column => column[i]).ToArray())
            .Order(Comparer<int[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))];

        void Count(string point, int change)
        {
            times[point] = times.GetValueOrDefault(point) + change;
            if (times[point] == 0) times.Remove(point);
        }
    }

    private static IReadOnlyList<IReadOnlyList<int>> Grid(IReadOnlyList<int> values) =>
        values.Aggregate<int, IReadOnlyList<IReadOnlyList<int>>>(
            [[]], (points, count) => [.. points.SelectMany(point => Enumerable.Range(0, count).Select(i => (int[])[.. point, i]))]);

    // Which values occur once more than others is drawn too.
    private static int[] Column(int count, int most, SeededRandom random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        int[] column = [.. Enumerable.Range(0, most).Select(i => order[i % count])];
        random.Shuffle(column);
        return column;
    }
}
