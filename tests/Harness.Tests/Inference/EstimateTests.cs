using Harness.Inference;

namespace Harness.Tests.Inference;

public sealed class EstimateTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(0.25, 20)]
    [InlineData(0.125, 15)]
    [InlineData(1, 50)]
    public void Quantiles_interpolate_between_order_statistics(double share, double expected) =>
        Assert.Equal(expected, Estimate.Quantile([10, 20, 30, 40, 50], share));

    [Fact]
    public void A_tail_is_the_share_of_resamples_beyond_zero()
    {
        var estimate = Estimate.Of([0.2], [-0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], 0.8);
        Assert.Equal(3.0 / 10, estimate.Above); // −0.1 and 0, and one more
        Assert.Equal(9.0 / 10, estimate.Below); // all but −0.1, and one more
    }

    [Fact]
    public void A_tail_that_no_resample_reaches_is_a_normal_one_below_what_counting_can_tell()
    {
        double[] near = [0.1, 0.2, 0.3], far = [10.1, 10.2, 10.3];
        Assert.Equal(0.0227501, Estimate.Of([0.2], near, 0.9).Above, 1e-6); // Φ(−2)
        Assert.Equal(1e-6, Estimate.Of([10.2], far, 0.9).Above);
        Assert.Equal(0.25, Estimate.Of([0.05], near, 0.9).Above); // Φ(−0.5) is 0.31, but 0 of 3 are at most 1 in 4
        Assert.Equal(1, Estimate.Of([0.2], near, 0.9).Below);
        Assert.Equal(0.25, Estimate.Of([0.1], [0.1, 0.1, 0.1], 0.9).Above); // nothing varies: no normal tail
    }

    [Fact]
    public void Of_two_ways_to_say_how_sure_it_is_the_less_sure_one_counts()
    {
        Estimate first = new(0.5, new(0.4, 0.7), 0.01, 0.9), second = new(0.5, new(0.3, 0.6), 0.001, 0.99);
        Assert.Equal(new(0.5, new(0.3, 0.7), 0.01, 0.99), first.NoSurerThan(second));
        Assert.Equal(first, first.NoSurerThan(null));
    }
}
