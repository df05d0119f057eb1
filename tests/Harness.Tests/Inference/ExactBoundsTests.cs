using Harness.Inference;

namespace Harness.Tests.Inference;

public sealed class ExactBoundsTests
{
    /// <summary>Clopper and Pearson's ends from tables (R: binom.test).</summary>
    [Theory]
    [InlineData(99, 100, 0.9455406, 0.9997469)]
    [InlineData(100, 100, 0.9637833, 1)]
    [InlineData(0, 10, 0, 0.3084971)]
    [InlineData(5, 10, 0.1870860, 0.8129140)]
    public void A_share_of_ones_has_clopper_and_pearsons_interval(int ones, int count, double low, double high)
    {
        var estimate = ExactBounds.OfShare([.. Enumerable.Range(0, count).Select(i => i < ones ? 1.0 : 0)], 0, 0.95)!;
        Assert.Equal((double)ones / count, estimate.Value);
        Assert.Equal(low, estimate.Interval.Low, 1e-6);
        Assert.Equal(high, estimate.Interval.High, 1e-6);
    }

    [Fact]
    public void Tails_are_those_of_the_binomial_distribution()
    {
        double[] three = [1, 1, 0, 1];
        var over = ExactBounds.OfShare(three, 0.5, 0.95)!; // P(at least 3 of 4) = 5/16, P(at most 3) = 15/16
        Assert.Equal(0.25, over.Value);
        Assert.Equal((5 / 16.0, 15 / 16.0), (Math.Round(over.Above, 12), Math.Round(over.Below, 12)));
        Assert.Equal(Math.Pow(0.95, 20), ExactBounds.OfShare([.. Enumerable.Repeat(1.0, 20)], 0.95, 0.95)!.Above, 1e-12);
        Assert.Equal(1, ExactBounds.OfShare([0, 0], 0.5, 0.95)!.Above);
    }

    [Fact]
    public void Items_that_are_all_the_same_leave_room_for_what_they_would_rarely_miss()
    {
        var third = ExactBounds.OfShare([.. Enumerable.Repeat(1 / 3.0, 100)], 0, 0.95)!;
        Assert.Equal(0.9637833 / 3, third.Interval.Low, 1e-6); // as 100 of 100, of a third
        Assert.Equal(1 - (0.9637833 * 2 / 3), third.Interval.High, 1e-6);
        Assert.Null(ExactBounds.OfShare([0.3, 0.4], 0, 0.95));

        // 100 pairs without a difference: a true one of −5 points would spare them all with probability 0.95^100.
        var equal = ExactBounds.OfConstant([.. Enumerable.Repeat(0.0, 100)], -1, 1, -0.05, 0.95)!;
        Assert.Equal((0.05, Math.Pow(0.95, 100)), (equal.Value, equal.Above));
        Assert.Equal(-0.0362167 + 0.05, equal.Interval.Low, 1e-6);
        var even = ExactBounds.OfConstant([0, 0], -1, 1, 0, 0.95)!;
        Assert.Equal((1, 1), (even.Above, even.Below));
    }
}
