using Harness.Inference;

namespace Harness.Tests.Inference;

public sealed class BootstrapTests
{
    [Fact]
    public void Four_resamples_of_two_cases_are_those_that_the_seed_draws()
    {
        var random = new SeededRandom(7, "bootstrap over 2 cases");
        double[] values = [0, 1];
        double[] means = [.. Enumerable.Range(0, 4).Select(_ => (values[random.Next(2)] + values[random.Next(2)]) / 2).Order()];

        var estimate = Mean(new Bootstrap(7, new() { Resamples = 4, Confidence = 0.5 }), values);

        // Quarter points of four values lie at positions 0.75 and 2.25.
        Assert.Equal(means[0] + (0.75 * (means[1] - means[0])), estimate.Interval.Low);
        Assert.Equal(means[2] + (0.25 * (means[3] - means[2])), estimate.Interval.High);
        Assert.Equal((0.5, null), (estimate.Value, estimate.SeedSd));
    }

    [Fact]
    public void A_fair_coin_over_100_cases_gives_about_a_tenth_to_either_side()
    {
        // normal approximation: 0.5 ± 1.96 · 0.05
        var interval = Mean(new Bootstrap(1, new()), [.. Enumerable.Range(0, 100).Select(i => i % 2.0)]).Interval;
        Assert.InRange(interval.Low, 0.38, 0.42);
        Assert.InRange(interval.High, 0.58, 0.62);
    }

    [Fact]
    public void The_same_seed_repeats_and_another_differs()
    {
        double[] values = [.. Enumerable.Range(0, 37).Select(i => i / 37.0)];
        Assert.Equal(Mean(new Bootstrap(1, new()), values), Mean(new Bootstrap(1, new()), values));
        Assert.NotEqual(Mean(new Bootstrap(1, new()), values), Mean(new Bootstrap(2, new()), values));
    }

    [Fact]
    public void Seeds_are_drawn_first_and_then_the_cases_of_each()
    {
        double[][] values = [[0, 1], [0.5, 1, 1.5]];
        double[] points = [0.5, 1];
        var seeds = new SeededRandom(7, "bootstrap over 2 seeds");
        var cases = new SeededRandom(7, "bootstrap over 2 and 3 cases");
        var expected = new List<double>();
        for (var resample = 0; resample < 4; resample++)
        {
            int[] slots = [seeds.Next(2), seeds.Next(2)];
            expected.Add(0.75 + slots.Average(place =>
            {
                var count = values[place].Length;
                var drawn = Enumerable.Range(0, count).Select(_ => values[place][cases.Next(count)]).Average();
                return (Math.Sqrt(2) * (points[place] - 0.75)) + drawn - points[place];
            }));
        }

        expected.Sort();
        var estimate = Mean(new Bootstrap(7, new() { Resamples = 4, Confidence = 0.5 }), values);
        Assert.Equal(0.75, estimate.Value);
        Assert.Equal(Math.Sqrt(0.125), estimate.SeedSd!.Value, 1e-12);
        Assert.Equal(Estimate.Quantile(expected, 0.25), estimate.Interval.Low, 1e-12);
        Assert.Equal(Estimate.Quantile(expected, 0.75), estimate.Interval.High, 1e-12);
    }

    [Fact]
    public void Few_seeds_are_spread_to_stand_for_many()
    {
        // Drawn three times the lowest seed is one in 27: its distance of 0.1, √(3/2) times.
        var interval = Mean(new Bootstrap(1, new()), [0.4, 0.4], [0.5, 0.5], [0.6, 0.6]).Interval;
        Assert.Equal(0.5 - (0.1 * Math.Sqrt(1.5)), interval.Low, 1e-12);
        Assert.Equal(0.5 + (0.1 * Math.Sqrt(1.5)), interval.High, 1e-12);
    }

    [Fact]
    public void Two_lists_are_resampled_apart_with_the_same_seeds()
    {
        // Both sides follow their seed, so that their difference is the same whichever is drawn; cases do not vary.
        var apart = new Bootstrap(3, new()).Apart([2, 2], [3, 3], (place, left, right) =>
            (left.Length == 2 && right.Length == 3 ? place : double.NaN) + 1.0 - place);
        Assert.Equal((1, new Interval(1, 1)), (apart.Value, apart.Interval));
    }

    [Fact]
    public void Nothing_cannot_be_resampled()
    {
        var bootstrap = new Bootstrap(1, new());
        Assert.Throws<ArgumentException>(() => bootstrap.Over([], (_, _) => 0));
        Assert.Throws<ArgumentException>(() => bootstrap.Over([3, 0], (_, _) => 0));
        Assert.Throws<ArgumentException>(() => bootstrap.Apart([3, 1], [2], (_, _, _) => 0));
    }

    private static Estimate Mean(Bootstrap bootstrap, params double[][] values) =>
        bootstrap.Over([.. values.Select(seed => seed.Length)], (place, drawn) => drawn.Average(item => values[place][item]));
}
