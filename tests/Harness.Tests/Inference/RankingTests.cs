using Harness.Declarations;
using Harness.Inference;
using Harness.Reports;
using Harness.Tests.Reports;

namespace Harness.Tests.Inference;

public sealed class RankingTests
{
    private static readonly Bootstrap Drawn = new(3, new());

    // Of 100 cases all, 98, 96, 50 and none.
    private static readonly int[] Right = [100, 98, 96, 50, 0];

    [Fact]
    public void Ranks_are_by_means_and_their_intervals_by_what_is_decided()
    {
        // 98 against 100 and 96: differences in two cases are not decided; those in 46 and more are.
        Assert.Equal([new(1, 1, 3), new(2, 1, 3), new(3, 1, 3), new(4, 4, 4), new(5, 5, 5)], Of(true, Right));
        Assert.Equal([new(5, 3, 5), new(4, 3, 5), new(3, 3, 5), new(2, 2, 2), new(1, 1, 1)], Of(false, Right));
    }

    [Fact]
    public void Equal_rows_share_the_best_of_their_places_and_none_is_surely_before_another() =>
        Assert.Equal([new(1, 1, 2), new(3, 3, 3), new(1, 1, 2)], Of(true, 100, 0, 100));

    [Fact]
    public void One_row_alone_is_the_first() => Assert.Equal([new(1, 1, 1)], Of(true, 40));

    [Fact]
    public void A_table_of_ranks_stands_in_their_order_behind_the_unedited_model()
    {
        var experiment = Examples.Small(
            ["reliability", "change"],
            [new("rome", new object()), new("original", null), new("memit", new object()), new("ft", new object())]) with
        {
            RankedBy = "reliability",
            Figure = FigureKind.Ranks,
        };
        var report = Report.Build(experiment,
        [
            Row("rome", 20, 0.1), Row("original", 0, null), Row("memit", 100, 0.4), Row("ft", 20, 0.1),
        ]);
        Assert.Equal(["original", "memit", "rome", "ft"], report.Rows.Select(row => row.Editor));
        Assert.Equal(["original", "memit", "rome", "ft"], report.Experiment.Editors.Select(row => row.Name));
        Assert.Equal([null, new(1, 1, 1), new(2, 2, 3), new(2, 2, 3)], report.Rows.Select(row => row.RankBy("reliability")));
        Assert.Equal([null, 3, 1, 1], report.Rows.Select(row => row.RankBy("change")?.Place)); // less is better
        var page = MarkdownTable.ToText(report, withFigure: false);
        Assert.Contains("| editor | rank | ", page, StringComparison.Ordinal);
        Assert.Contains("\n| memit | 1 (1) | **100.0** (96–100) |", page, StringComparison.Ordinal);
        Assert.Contains("\n| rome | 2 (2–3) | 1 (1–2) |\n", page, StringComparison.Ordinal);
        Assert.Contains("The numbers of `rome` and `ft` are the same throughout.\n", page, StringComparison.Ordinal);
        var read = ReportFile.Parse(ReportFile.Of(report, "class").ToText());
        Assert.Equal(new Rank(2, 2, 3), read.Rows[2].Metrics["reliability"].Rank);

        static MeasuredRow Row(string name, int right, double? change) => Examples.Row(name,
        [
            ("reliability", Examples.Items(100, item => item < right ? 1 : 0)),
            .. change is { } size ? new[] { ("change", Examples.Items(size)) } : [],
        ]);
    }

    private static IReadOnlyList<Rank> Of(bool isHigherBetter, params int[] right) => Ranking.Of(
        [.. right.Select(count => MetricItems.Of(
            [Examples.Row("rome", ("reliability", Examples.Items(100, item => item < count ? 1 : 0)))], Metric.Find("reliability"))!)],
        isHigherBetter, Drawn);
}
