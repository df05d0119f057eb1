using MathNet.Numerics.Distributions;

namespace Harness.Inference;

/// <summary>
/// How sure a mean of bounded items is where resampling cannot tell: of 100 right answers every resample has 100, which says nothing of the
/// next one. Exact for items that are 0 or 1 (Clopper and Pearson 1934), and for items that are all the same, of whatever bounds: no
/// distribution of a lower mean gives them more often than one that is that value with the probability which the mean leaves it, and the
/// other bound else. Items are taken to be independent: where there are seeds it stands beside the bootstrap, and the wider one counts.
/// </summary>
internal static class ExactBounds
{
    private const double Same = 1e-12;

    /// <summary>The mean of items in [0, 1], less a number; null where they are neither 0 or 1 nor all the same.</summary>
    public static Estimate? OfShare(IReadOnlyList<double> items, double number, double confidence) =>
        items.All(item => item is 0 or 1)
            ? Binomial((int)items.Sum(), items.Count, number, confidence)
            : OfConstant(items, 0, 1, number, confidence);

    /// <summary>The mean of items in [<paramref name="least"/>, <paramref name="most"/>], less a number; null where they vary.</summary>
    public static Estimate? OfConstant(IReadOnlyList<double> items, double least, double most, double number, double confidence)
    {
        var (value, count) = (items[0], items.Count);
        if (items.Any(item => Math.Abs(item - value) > Same)) return null;
        var kept = Math.Pow((1 - confidence) / 2, 1.0 / count);
        return new(
            value - number,
            new(least + (kept * (value - least)) - number, most - (kept * (most - value)) - number),
            number < value - Same ? Math.Pow(Math.Max(0, number - least) / (value - least), count) : 1,
            number > value + Same ? Math.Pow(Math.Max(0, most - number) / (most - value), count) : 1);
    }

    private static Estimate Binomial(int ones, int count, double number, double confidence)
    {
        var tail = (1 - confidence) / 2;
        var low = ones == 0 ? 0 : Beta.InvCDF(ones, count - ones + 1, tail);
        var high = ones == count ? 1 : Beta.InvCDF(ones + 1, count - ones, 1 - tail);
        return new(
            ((double)ones / count) - number,
            new(low - number, high - number),
            number < 0 ? 0 : ones == 0 || number > 1 ? 1 : Beta.CDF(ones, count - ones + 1, number),
            number > 1 ? 0 : ones == count || number < 0 ? 1 : Beta.CDF(count - ones, ones + 1, 1 - number));
    }
}
