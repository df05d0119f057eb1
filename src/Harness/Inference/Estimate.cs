using MathNet.Numerics.Distributions;

namespace Harness.Inference;

/// <summary>Both ends of an interval, in the unit of what it is about.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record Interval(double Low, double High)
{
    /// <summary>The smallest interval that holds both.</summary>
    public Interval With(Interval other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));
}

/// <summary>A number, and how sure it is.</summary>
/// <param name="Value">The number: the mean over seeds.</param>
/// <param name="Interval">Its interval.</param>
/// <param name="Above">How probable so large a number is where the true one is 0 or less, one-sided, in [0, 1].</param>
/// <param name="Below">How probable so small a number is where the true one is 0 or more.</param>
public sealed record Estimate(double Value, Interval Interval, double Above, double Below)
{
    // A normal tail says nothing of less.
    private const double LeastProbable = 1e-6;

    // Sums of fractions such as 1/3 leave residues near 1e-14; a difference that small is none.
    private const double Zero = 1e-11;

    /// <summary>Standard deviation of the number between seeds (divisor k − 1); null where there is one seed.</summary>
    public double? SeedSd { get; init; }

    /// <summary>
    /// From the number of each seed and the resampled ones, which are sorted in place. A tail is the share of resamples beyond 0; where
    /// there is none, that of a normal distribution with the resamples' standard deviation, at least 10⁻⁶, as counts end at
    /// 1/(resamples + 1).
    /// </summary>
    internal static Estimate Of(double[] points, double[] resampled, double confidence)
    {
        Array.Sort(resampled);
        var ascending = resampled;
        var (value, tail, count) = (points.Average(), (1 - confidence) / 2, ascending.Length);
        var centre = ascending.Average();
        var deviation = Math.Sqrt(ascending.Sum(one => (one - centre) * (one - centre)) / Math.Max(1, count - 1));
        double Tail(int beyond, double towards) => beyond > 0 ? (beyond + 1.0) / (count + 1)
            : Math.Min(1.0 / (count + 1), deviation > Zero ? Math.Max(LeastProbable, Normal.CDF(0, 1, -towards / deviation)) : 1);
        return new(
            value, new(Quantile(ascending, tail), Quantile(ascending, 1 - tail)),
            Tail(ascending.Count(one => one <= Zero), value), Tail(ascending.Count(one => one >= -Zero), -value))
        {
            SeedSd = points.Length > 1 ? Math.Sqrt(points.Sum(one => (one - value) * (one - value)) / (points.Length - 1)) : null,
        };
    }

    /// <summary>No surer than another way to say how sure the same number is.</summary>
    internal Estimate NoSurerThan(Estimate? other) => other is null ? this : this with
    {
        Interval = Interval.With(other.Interval),
        Above = Math.Max(Above, other.Above),
        Below = Math.Max(Below, other.Below),
    };

    /// <summary>A quantile of ascending values with linear interpolation between order statistics (Hyndman and Fan's type 7).</summary>
    internal static double Quantile(IReadOnlyList<double> ascending, double share)
    {
        var position = share * (ascending.Count - 1);
        var below = (int)Math.Floor(position);
        var above = Math.Min(below + 1, ascending.Count - 1);
        return ascending[below] + ((position - below) * (ascending[above] - ascending[below]));
    }
}
