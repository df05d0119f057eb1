namespace Harness.Reports;

/// <summary>How intervals are taken.</summary>
public sealed record BootstrapOptions
{
    /// <summary>
    /// Number of resamples. Default 1 000: the ends of a 95 % interval then rest on 25 resamples each (Efron and Tibshirani 1993, ch. 13).
    /// </summary>
    public int Resamples { get; init; } = 1_000;

    /// <summary>Share of the resampled means inside the interval, in (0, 1). Default 0.95.</summary>
    public double Confidence { get; init; } = 0.95;
}

/// <summary>Both ends of an interval, in the unit of what it is about.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record Interval(double Low, double High);

/// <summary>
/// Percentile bootstrap over cases (Efron 1979). The cases drawn depend on the seed and the number of cases only, so every row over the
/// same cases is resampled in the same way, and an interval of paired differences belongs to the rows that it compares.
/// </summary>
/// <param name="seed">The experiment's seed.</param>
/// <param name="options">Resamples and confidence.</param>
public sealed class Bootstrap(long seed, BootstrapOptions options)
{
    // By the number of cases: a table asks for hundreds of intervals over the same ones.
    private readonly Dictionary<int, int[][]> draws = [];

    /// <summary>
    /// The interval of the mean of <paramref name="values"/>, in their unit. A single value gives an interval of no width.
    /// </summary>
    /// <exception cref="ArgumentException">There are no values.</exception>
    public Interval Mean(IReadOnlyList<double> values)
    {
        double[] all = [.. values];
        return Inside([.. Draws(all.Length).Select(drawn =>
        {
            var sum = 0.0;
            foreach (var item in drawn) sum += all[item];
            return sum / all.Length;
        })]);
    }

    /// <summary>The interval of any number that is taken from resampled items, in its unit.</summary>
    /// <param name="items">Number of items.</param>
    /// <param name="statistic">The number for the items drawn, each by its place.</param>
    /// <exception cref="ArgumentException">There are no items.</exception>
    public Interval Over(int items, Func<IReadOnlyList<int>, double> statistic) => Inside([.. Draws(items).Select(statistic)]);

    /// <summary>The interval of a number that is taken from two lists of items, resampled apart from each other.</summary>
    /// <param name="left">Number of items of the first list.</param>
    /// <param name="right">Number of items of the second list.</param>
    /// <param name="statistic">The number for the items drawn from each.</param>
    /// <exception cref="ArgumentException">A list is empty.</exception>
    public Interval Apart(int left, int right, Func<IReadOnlyList<int>, IReadOnlyList<int>, double> statistic)
    {
        if (left == 0 || right == 0) throw new ArgumentException("no values to resample", left == 0 ? nameof(left) : nameof(right));
        var random = new SeededRandom(seed, $"bootstrap over {left} and {right} items");
        var statistics = new double[options.Resamples];
        var (first, second) = (new int[left], new int[right]);
        for (var resample = 0; resample < statistics.Length; resample++)
        {
            for (var i = 0; i < left; i++) first[i] = random.Next(left);
            for (var i = 0; i < right; i++) second[i] = random.Next(right);
            statistics[resample] = statistic(first, second);
        }

        return Inside(statistics);
    }

    private int[][] Draws(int items)
    {
        if (items == 0) throw new ArgumentException("no values to resample", nameof(items));
        if (draws.TryGetValue(items, out var known)) return known;
        var random = new SeededRandom(seed, $"bootstrap over {items} cases");
        var all = new int[options.Resamples][];
        for (var resample = 0; resample < all.Length; resample++)
        {
            all[resample] = new int[items];
            for (var i = 0; i < items; i++) all[resample][i] = random.Next(items);
        }

        return draws[items] = all;
    }

    private Interval Inside(double[] statistics)
    {
        Array.Sort(statistics);
        var tail = (1 - options.Confidence) / 2;
        return new(Quantile(statistics, tail), Quantile(statistics, 1 - tail));
    }

    /// <summary>A quantile of ascending values with linear interpolation between order statistics (Hyndman and Fan's type 7).</summary>
    internal static double Quantile(IReadOnlyList<double> ascending, double share)
    {
        var position = share * (ascending.Count - 1);
        var below = (int)Math.Floor(position);
        var above = Math.Min(below + 1, ascending.Count - 1);
        return ascending[below] + ((position - below) * (ascending[above] - ascending[below]));
    }
}
