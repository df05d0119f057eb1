namespace Harness.Benchmarks;

/// <summary>The seconds of one round, ours and the peer's, measured next to each other.</summary>
internal sealed record Round(double Ours, double Peer)
{
    /// <summary>How many times faster the harness was.</summary>
    public double Ratio => Peer / Ours;
}

/// <summary>The rounds of one benchmark.</summary>
internal sealed record Series(Benchmark Benchmark, IReadOnlyList<Round> Rounds, string PeerTorch)
{
    /// <summary>The median ratio.</summary>
    public double Median => Middle(Rounds.Select(round => round.Ratio));

    /// <summary>The median of our seconds.</summary>
    public double Ours => Middle(Rounds.Select(round => round.Ours));

    /// <summary>The median of the peer's seconds.</summary>
    public double Peer => Middle(Rounds.Select(round => round.Peer));

    /// <summary>The smallest ratio.</summary>
    public double Least => Rounds.Min(round => round.Ratio);

    /// <summary>The largest ratio.</summary>
    public double Most => Rounds.Max(round => round.Ratio);

    /// <summary>Whether the median reaches the bar; null where there is none.</summary>
    public bool? IsMet => Benchmark.Bar is { } bar ? Median >= bar : null;

    /// <summary>Prepares a benchmark, warms both sides up, and measures rounds in turn: ours, peer, ours, peer …</summary>
    /// <param name="benchmark">The benchmark.</param>
    /// <param name="rounds">How many rounds.</param>
    /// <param name="python">Python with PyTorch.</param>
    /// <param name="report">Gets one line per round.</param>
    /// <exception cref="InputException">The two sides disagree.</exception>
    public static Series Measure(Benchmark benchmark, int rounds, string python, Action<string> report)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-").FullName;
        try
        {
            benchmark.Prepare(folder);
            using var peer = new Peer(python, benchmark.Script, folder);
            if (benchmark.WarmsUp) Once(benchmark, peer);
            var measured = new List<Round>();
            for (var number = 1; number <= rounds; number++)
            {
                measured.Add(Once(benchmark, peer));
                report(FormattableString.Invariant(
                    $"{benchmark.Name} {number}/{rounds}: {measured[^1].Ours:0.000} s, peer {measured[^1].Peer:0.000} s, ")
                    + FormattableString.Invariant($"{measured[^1].Ratio:0.00}x"));
            }

            return new Series(benchmark, measured, peer.Torch);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Round Once(Benchmark benchmark, Peer peer)
    {
        // What earlier runs left is not to be collected within a measurement.
        GC.Collect();
        var (ours, theirs) = (benchmark.Run(), peer.Run());
        benchmark.Compare(ours, theirs);
        return new Round(ours.Seconds, theirs.Seconds);
    }

    private static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
