namespace Harness.Inference;

/// <summary>How intervals are taken.</summary>
public sealed record BootstrapOptions
{
    /// <summary>
    /// Number of resamples. Default 2 000: the ends of a 95 % interval then rest on 50 resamples each (Efron and Tibshirani 1993, ch. 13).
    /// </summary>
    public int Resamples { get; init; } = 2_000;

    /// <summary>Share of the resampled means inside the interval, in (0, 1). Default 0.95.</summary>
    public double Confidence { get; init; } = 0.95;
}

/// <summary>
/// Percentile bootstrap over seeds, and over the items of each seed drawn (Efron 1979; in two stages, Davison and Hinkley 1997, section
/// 3.8). How far a drawn seed lies from the mean of all k is scaled by √(k/(k − 1)): few seeds drawn with replacement vary less than those
/// that they stand for (Rao and Wu 1988). One seed is the plain bootstrap over its items. What is drawn depends on the resampling's seed
/// and the numbers of items alone, so that rows over the same items are resampled alike and an interval of paired differences belongs to
/// the rows that it compares. All draw the same seeds: places that share a world are not independent of each other.
/// </summary>
/// <param name="seed">Seed of the resampling.</param>
/// <param name="options">Resamples and confidence.</param>
public sealed class Bootstrap(long seed, BootstrapOptions options)
{
    private readonly Dictionary<int, int[][]> seeds = [];

    // By the numbers of items: a table asks for hundreds of intervals over the same ones.
    private readonly Dictionary<string, int[][][]> items = [];

    /// <summary>Resamples and confidence.</summary>
    public BootstrapOptions Options => options;

    /// <summary>A number that is taken from the items of each seed and averaged over seeds.</summary>
    /// <param name="counts">Number of items of each seed.</param>
    /// <param name="statistic">The number of one seed, by its place, from items of it, each by its place.</param>
    /// <exception cref="ArgumentException">There is no seed, or one without items.</exception>
    public Estimate Over(IReadOnlyList<int> counts, Func<int, int[], double> statistic)
    {
        var (points, resampled) = Resample(counts, statistic);
        return Estimate.Of(points, resampled, options.Confidence);
    }

    /// <summary>A number that is taken from two lists of items of each seed, which are resampled apart from each other.</summary>
    /// <param name="left">Number of items of each seed in the first list.</param>
    /// <param name="right">Number of items of each seed in the second list.</param>
    /// <param name="statistic">The number of one seed, by its place, from items of each list.</param>
    /// <exception cref="ArgumentException">There is no seed, one without items, or not as many on both sides.</exception>
    public Estimate Apart(IReadOnlyList<int> left, IReadOnlyList<int> right, Func<int, int[], int[], double> statistic)
    {
        if (left.Count != right.Count) throw new ArgumentException($"{left.Count} seeds against {right.Count}", nameof(right));
        var (first, second, chosen) = (ItemsOf(left, ""), ItemsOf(right, ", the other side"), SeedsOf(left.Count));
        return Of([.. left.Zip(right).Select((counts, place) =>
                statistic(place, [.. Enumerable.Range(0, counts.First)], [.. Enumerable.Range(0, counts.Second)]))],
            (resample, slot) => statistic(chosen[resample][slot], first[resample][slot], second[resample][slot]));
    }

    /// <summary>The number of each seed, and the resampled ones in the order in which they were drawn: numbers over the same items are
    /// paired.</summary>
    /// <inheritdoc cref="Over"/>
    public (double[] Points, double[] Resampled) Resample(IReadOnlyList<int> counts, Func<int, int[], double> statistic)
    {
        var (drawn, chosen) = (ItemsOf(counts, ""), SeedsOf(counts.Count));
        double[] points = [.. counts.Select((count, place) => statistic(place, [.. Enumerable.Range(0, count)]))];
        return (points, Resampled(points, (resample, slot) => statistic(chosen[resample][slot], drawn[resample][slot])));
    }

    private Estimate Of(double[] points, Func<int, int, double> resampled) =>
        Estimate.Of(points, Resampled(points, resampled), options.Confidence);

    private double[] Resampled(double[] points, Func<int, int, double> resampled)
    {
        var (count, mean, chosen) = (points.Length, points.Average(), SeedsOf(points.Length));
        var scale = count > 1 ? Math.Sqrt(count / (count - 1.0)) : 0;
        var replicates = new double[options.Resamples];
        Parallel.For(0, replicates.Length, resample =>
        {
            if (count == 1)
            {
                replicates[resample] = resampled(resample, 0);
                return;
            }

            var sum = 0.0;
            for (var slot = 0; slot < count; slot++)
            {
                var point = points[chosen[resample][slot]];
                sum += (scale * (point - mean)) + resampled(resample, slot) - point;
            }

            replicates[resample] = mean + (sum / count);
        });
        return replicates;
    }

    private int[][] SeedsOf(int count)
    {
        if (seeds.TryGetValue(count, out var known)) return known;
        var random = new SeededRandom(seed, $"bootstrap over {count} seeds");
        return seeds[count] = Draw(() => Draw(count, count, random));
    }

    private int[][][] ItemsOf(IReadOnlyList<int> counts, string side)
    {
        if (counts.Count == 0 || counts.Contains(0)) throw new ArgumentException("no values to resample", nameof(counts));
        var name = $"bootstrap over {string.Join(" and ", counts)} cases{side}";
        if (items.TryGetValue(name, out var known)) return known;
        var (random, resample, chosen) = (new SeededRandom(seed, name), 0, SeedsOf(counts.Count));
        return items[name] = Draw(() => chosen[resample++].Select(place => Draw(counts[place], counts[place], random)).ToArray());
    }

    private T[] Draw<T>(Func<T> one)
    {
        var all = new T[options.Resamples];
        for (var resample = 0; resample < all.Length; resample++) all[resample] = one();
        return all;
    }

    private static int[] Draw(int times, int below, SeededRandom random)
    {
        var drawn = new int[times];
        for (var i = 0; i < times; i++) drawn[i] = random.Next(below);
        return drawn;
    }
}
