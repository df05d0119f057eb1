using Harness.Inference;
using Harness.Measuring.Capability;
using Harness.Reports;
using Harness.Tests.Reports;

namespace Harness.Tests.Inference;

public sealed class MetricItemsTests
{
    private static readonly Bootstrap Few = new(7, new() { Resamples = 4, Confidence = 0.5 });

    [Theory]
    [InlineData(0.25, 3.0 / 7)] // 3 / (1/1 + 1/0.5 + 1/0.25)
    [InlineData(0, 0)]
    public void S_is_the_harmonic_mean_of_the_means(double ns, double expected)
    {
        var row = Examples.Row("rome", ("es", Examples.Items(1, 1)), ("ps", Examples.Items(1, 0)), ("ns", Examples.Items(ns, ns)));
        Assert.Equal(expected, Of(row, "s").Mean(Few).Value, 1e-12);
    }

    [Fact]
    public void Retention_is_what_is_left_of_the_means_right_after_each_edit()
    {
        var row = Examples.Row("rome", ("reliability", Examples.Items(1, 0, 0, 0)), ("reliability-each", Examples.Items(1, 1, 0, 0)));
        Assert.Equal(0.5, Of(row, "retention").Mean(Few).Value, 1e-12);
        var never = Examples.Row("rome", ("reliability", Examples.Items(1, 0)), ("reliability-each", Examples.Items(0, 0)));
        Assert.Equal(0, Of(never, "retention").Mean(Few).Value);
    }

    [Fact]
    public void The_harmonic_mean_is_of_reliability_generality_and_locality()
    {
        var row = Examples.Row("rome", ("reliability", Examples.Items(1, 1)), ("generality", Examples.Items(1, 0)),
            ("locality", Examples.Items(0.25, 0.25)));
        Assert.Equal(3.0 / 7, Of(row, "harmonic-mean").Mean(Few).Value, 1e-12);
    }

    [Fact]
    public void An_interval_of_shares_or_of_their_harmonic_mean_ends_where_they_can()
    {
        MeasuredRow Seed(long seed, double share)
        {
            var row = Examples.Row("rome", ("reliability", Examples.Items(share)), ("generality", Examples.Items(share, share)),
                ("locality", Examples.Items(share)));
            return row with { Seed = seed };
        }

        MeasuredRow[] seeds = [Seed(1, 0), Seed(2, 0), Seed(3, 0.9)];
        foreach (var metric in new[] { "generality", "harmonic-mean" })
        {
            var interval = MetricItems.Of(seeds, Metric.Find(metric))!.Mean(new Bootstrap(7, new())).Interval;
            Assert.Equal(0, interval.Low);
            Assert.False(double.IsNegative(interval.Low)); // as -0 is shown
            Assert.InRange(interval.High, 0.3, 1);
        }
    }

    [Fact]
    public void A_perplexity_ratio_is_the_exponential_of_the_mean_difference()
    {
        var items = Of(Examples.Row("rome", ("perplexity", Examples.Items(Math.Log(2), Math.Log(8)))), "perplexity-ratio");
        Assert.Equal(4, items.Mean(Few).Value, 1e-12); // not the mean of 2 and 8
        Assert.Equal(4, Of(Examples.Row("rome", ("ge", Examples.Items(3, 5))), "ge").Mean(Few).Value);
    }

    [Fact]
    public void Items_that_a_component_lacks_are_not_counted()
    {
        var row = Examples.Row(
            "rome", ("es", [new(3, 1), new(1, 0), new(2, 1)]), ("ps", [new(1, 1), new(3, 0.5)]), ("ns", Examples.Items(4, _ => 1)));
        Assert.Equal([3, 1], Assert.Single(Of(row, "s").Ids));
        Assert.Null(MetricItems.Of([Examples.Row("rome", ("es", Examples.Items(1)))], Metric.Find("s")));
        Assert.Null(MetricItems.Of([Examples.Row("rome", ("es", []))], Metric.Find("es")));
    }

    [Fact]
    public void Components_are_combined_in_each_resample_of_the_items()
    {
        double[] es = [1, 0.5], ps = [0.5, 1], ns = [0.25, 1];
        var row = Examples.Row("rome", ("es", Examples.Items(es)), ("ps", Examples.Items(ps)), ("ns", Examples.Items(ns)));
        var random = new SeededRandom(7, "bootstrap over 2 cases");
        var drawn = Enumerable.Range(0, 4).Select(_ => (A: random.Next(2), B: random.Next(2))).ToList();
        double[] expected = [
            .. drawn.Select(d => 3 / ((2 / (es[d.A] + es[d.B])) + (2 / (ps[d.A] + ps[d.B])) + (2 / (ns[d.A] + ns[d.B])))).Order()];

        var interval = Of(row, "s").Mean(Few).Interval;

        Assert.Equal(Estimate.Quantile(expected, 0.25), interval.Low, 1e-12);
        Assert.Equal(Estimate.Quantile(expected, 0.75), interval.High, 1e-12);
    }

    [Fact]
    public void Items_of_one_group_are_drawn_together()
    {
        SeriesItem[] items = [new(0, 1) { Group = "Ann" }, new(1, 0) { Group = "Bob" }, new(2, 1) { Group = "Ann" }, new(3, 0.5)];
        var random = new SeededRandom(7, "bootstrap over 3 cases");
        (double Sum, int Count)[] groups = [(2, 2), (0, 1), (0.5, 1)];
        double[] expected =
        [
            .. Enumerable.Range(0, 4).Select(_ => (int[])[random.Next(3), random.Next(3), random.Next(3)])
                .Select(drawn => drawn.Sum(group => groups[group].Sum) / drawn.Sum(group => groups[group].Count)).Order(),
        ];
        var mean = Of(Examples.Row("rome", ("choice", items)), "capability").Mean(Few);
        Assert.Equal(2.5 / 4, mean.Value, 1e-12);
        Assert.Equal(Estimate.Quantile(expected, 0.25), mean.Interval.Low, 1e-12);
        Assert.Equal(Estimate.Quantile(expected, 0.75), mean.Interval.High, 1e-12);
    }

    [Fact]
    public void A_hundred_right_answers_about_one_person_are_one_piece_of_evidence()
    {
        var many = new Bootstrap(7, new() { Resamples = 200 });
        SeriesItem[] alone = [.. Enumerable.Range(0, 100).Select(id => new SeriesItem(id, 1))];
        SeriesItem[] together = [.. alone.Select(item => item with { Group = "Ann" })];
        double Low(SeriesItem[] items) => Of(Examples.Row("rome", ("recall-unrelated", items)), "recall-unrelated").Mean(many).Interval.Low;

        // Clopper and Pearson: 0.025^(1/n).
        Assert.Equal(Math.Pow(0.025, 0.01), Low(alone), 1e-9);
        Assert.Equal(0.025, Low(together), 1e-9);
    }

    [Fact]
    public void Differences_are_over_the_items_that_both_rows_have()
    {
        var left = Of(Examples.Row("a", ("reliability", [new(0, 1), new(1, 1), new(2, 0), new(3, 1)])), "reliability");
        // another order, other items
        var right = Of(Examples.Row("b", ("reliability", [new(3, 0.5), new(2, 0), new(9, 1)])), "reliability");
        var (value, interval, _, _) = MetricItems.Difference(left, right, 0, Few)!;
        Assert.Equal(0.25, value); // items 2 and 3: 0 and 0.5
        Assert.InRange(interval.High, 0.25, 0.5);

        var stranger = Of(Examples.Row("c", ("reliability", [new(7, 1)])), "reliability");
        Assert.Null(MetricItems.Difference(left, stranger, 0, Few));
    }

    [Fact]
    public void Paired_differences_are_taken_case_by_case()
    {
        // Either row alone varies widely, yet every case differs by exactly a quarter.
        var half = Of(Examples.Row("a", ("reliability", Examples.Items(100, i => i < 50 ? 0 : 1))), "reliability");
        var better = Of(Examples.Row("b", ("reliability", Examples.Items(100, i => i < 50 ? 0.25 : 1.25))), "reliability");
        var (value, interval, _, _) = MetricItems.Difference(better, half, 0, new Bootstrap(1, new()))!;
        Assert.Equal(0.25, value); // not shares: 1.25 is no percentage
        Assert.Equal(0.25, interval.Low, 1e-12);
        Assert.Equal(0.25, interval.High, 1e-12);
    }

    [Fact]
    public void A_combined_metric_differs_by_nothing_from_itself_in_every_resample()
    {
        var items = Of(Examples.Row("a", ("perplexity", Examples.Items(0.1, 0.9, 0.4, 2))), "perplexity-ratio");
        var (value, interval, _, _) = MetricItems.Difference(items, items, 0.5, new Bootstrap(1, new()))!;
        Assert.Equal(-0.5, value);
        Assert.Equal(new Interval(-0.5, -0.5), interval);
    }

    [Fact]
    public void Metrics_about_different_items_are_resampled_apart()
    {
        var row = Examples.Row(
            "a", ("recall-unrelated", Examples.Items(5, _ => 0.75)), ("recall-same-subject", Examples.Items(3, _ => 0.5)));
        var (value, interval, _, _) = MetricItems.Difference(Of(row, "recall-unrelated"), Of(row, "recall-same-subject"), 0.05, Few)!;
        Assert.Equal(0.2, value, 1e-12); // five items against three
        Assert.Equal(0.2, interval.Low, 1e-12);
        Assert.Equal(0.2, interval.High, 1e-12);
    }

    [Fact]
    public void Seeds_count_alike_whatever_the_number_of_their_items()
    {
        MeasuredRow Seed(long seed, params double[] values) =>
            Examples.Row("a", ("reliability", Examples.Items(values))) with { Seed = seed };
        var items = MetricItems.Of([Seed(2, 0, 0, 0, 1), Seed(3, 1, 0)], Metric.Find("reliability"))!;
        var mean = items.Mean(new Bootstrap(1, new()));
        Assert.Equal((0.375, 6), (mean.Value, items.Count)); // 0.25 and 0.5, not 2 of 6
        Assert.Equal(Math.Sqrt(0.03125), mean.SeedSd!.Value, 1e-12);
        Assert.Null(MetricItems.Of([Seed(2, 1), Seed(3)], Metric.Find("reliability")));
    }

    [Fact]
    public void All_right_is_not_certain()
    {
        var all = Of(Examples.Row("a", ("reliability", Examples.Items(100, i => i == 0 ? 0 : 1))), "reliability");
        var over = all.Above(0.95, new Bootstrap(1, new())); // 99 of 100: binomially from 94.6 on
        Assert.Equal(-0.0044594, over.Interval.Low, 1e-6);
        Assert.Equal(0.0371, over.Above, 1e-4); // P(at least 99 of 100 | 0.95)
        Assert.Equal(1, Of(Examples.Row("b", ("es", Examples.Items(9, _ => 1))), "es").Mean(Few).Interval.High);
    }

    [Fact]
    public void Two_rows_without_a_difference_may_still_differ()
    {
        MetricItems All(string editor) => Of(Examples.Row(editor, ("es", Examples.Items(100, _ => 1))), "es");
        var difference = MetricItems.Difference(All("a"), All("b"), 0, new Bootstrap(1, new()))!;
        Assert.Equal((0, 1, 1), (difference.Value, difference.Above, difference.Below));
        Assert.Equal(0.0362167, difference.Interval.High, 1e-6);
    }

    private static MetricItems Of(MeasuredRow row, string metric) => MetricItems.Of([row], Metric.Find(metric))!;
}
