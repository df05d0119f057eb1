using Harness.Reports;

namespace Harness.Tests.Reports;

public sealed class BootstrapTests
{
    private static readonly double[] Half = [.. Enumerable.Repeat(0.0, 50), .. Enumerable.Repeat(1.0, 50)];

    [Theory]
    [InlineData(0, 10)]
    [InlineData(0.25, 20)]
    [InlineData(0.125, 15)]
    [InlineData(1, 50)]
    public void Quantiles_interpolate_between_order_statistics(double share, double expected) =>
        Assert.Equal(expected, Bootstrap.Quantile([10, 20, 30, 40, 50], share));

    [Fact]
    public void Equal_values_give_an_interval_of_no_width() =>
        Assert.Equal(new Interval(0.25, 0.25), new Bootstrap(1, new()).Mean([0.25, 0.25, 0.25]));

    [Fact]
    public void Four_resamples_of_two_cases_are_those_that_the_seed_draws()
    {
        var random = new SeededRandom(7, "bootstrap over 2 cases");
        double[] values = [0, 1];
        double[] means = [.. Enumerable.Range(0, 4).Select(_ => (values[random.Next(2)] + values[random.Next(2)]) / 2).Order()];

        var interval = new Bootstrap(7, new() { Resamples = 4, Confidence = 0.5 }).Mean(values);

        // Quarter points of four values lie at positions 0.75 and 2.25.
        Assert.Equal(means[0] + (0.75 * (means[1] - means[0])), interval.Low);
        Assert.Equal(means[2] + (0.25 * (means[3] - means[2])), interval.High);
    }

    [Fact]
    public void A_fair_coin_over_100_cases_gives_about_a_tenth_to_either_side()
    {
        var interval = new Bootstrap(1, new()).Mean(Half); // normal approximation: 0.5 ± 1.96 · 0.05
        Assert.InRange(interval.Low, 0.38, 0.42);
        Assert.InRange(interval.High, 0.58, 0.62);
    }

    [Fact]
    public void The_same_seed_repeats_and_another_differs()
    {
        double[] values = [.. Enumerable.Range(0, 37).Select(i => i / 37.0)];
        Assert.Equal(new Bootstrap(1, new()).Mean(values), new Bootstrap(1, new()).Mean(values));
        Assert.NotEqual(new Bootstrap(1, new()).Mean(values), new Bootstrap(2, new()).Mean(values));
    }
}
