using Harness.Measuring.Capability;
using Harness.Reports;

namespace Harness.Tests.Reports;

public sealed class ReportTests
{
    [Fact]
    public void Means_are_over_cases_and_undefined_metrics_stay_empty()
    {
        var report = Examples.Report();
        Assert.Equal(12, report.Rows.Count);
        Assert.Equal(50, report.Find("zsre", "llama-7b", "rome")!.Cells[0].Shown);
        var none = report.Find("zsre", "llama2-7b", "rome")!.Cells[0];
        Assert.Equal(new ReportCell("reliability", 0, null, 10, 43.67), none with { Interval = null });
        Assert.Equal((0, 30.85), (none.ShownInterval!.Low, Math.Round(none.ShownInterval.High, 2))); // 0 of 10, exactly
        Assert.Equal(new ReportCell("locality", null, null, 0, null), report.Find("zsre", "llama2-7b", "original")!.Cells[1]);
    }

    [Fact]
    public void Rows_come_in_table_order_whatever_order_they_were_measured_in()
    {
        var rows = Examples.Rows(0, 5, 5, 10);
        var reversed = Report.Build(Examples.Experiment(), [.. rows.Reverse()]);
        Assert.Equal(ReportFile.Of(Examples.Report(), "a").ToText(), ReportFile.Of(reversed, "a").ToText());
    }

    [Fact]
    public void A_row_is_the_mean_of_its_seeds()
    {
        var experiment = Examples.Experiment() with { Seeds = [2, 3] };
        MeasuredRow[] rows =
        [
            .. Examples.Rows(0, 5, 5, 10).Select(row => row with { Seed = 2 }),
            .. Examples.Rows(2, 8, 5, 10).Select(row => row with { Seed = 3 }),
        ];
        var report = Report.Build(experiment, rows);
        var cell = report.Find("zsre", "llama-7b", "rome")!.Cells[0];
        Assert.Equal((65, 20), (cell.Shown, cell.N));
        Assert.Equal(Math.Sqrt(0.045), cell.SeedSd!.Value, 1e-12); // 50 and 80 %
        Assert.Equal(10, report.Find("zsre", "llama-7b", "rome")!.Cases);

        var file = ReportFile.Parse(ReportFile.Of(report, "a").ToText());
        Assert.Equal([2, 3], file.Seeds);
        Assert.Equal(21.2132034356, file.Rows[4].Metrics["reliability"].SeedSd);
        Assert.StartsWith("'zsre/llama2-7b/original' is not measured with every seed",
            Assert.Throws<ArgumentException>(() => Report.Build(experiment, [.. rows.Skip(1)])).Message);
    }

    [Fact]
    public void Rows_that_do_not_belong_together_are_refused()
    {
        var rows = Examples.Rows(0, 5, 5, 10);
        Assert.StartsWith("'zsre/llama2-7b/rome' is measured twice", Refused([.. rows, rows[1]]));
        Assert.StartsWith("'zsre/gpt/rome' is no row of dft/table1", Refused([.. rows, rows[1] with { Model = "gpt" }]));
        var shorter = rows[1] with
        {
            Scores = rows[1].Scores.ToDictionary(series => series.Key, series => (IReadOnlyList<SeriesItem>)[.. series.Value.Skip(1)]),
        };
        Assert.StartsWith("the rows of data set 'zsre' have no cases or not the same ones", Refused([rows[0], shorter]));

        // What a model knows before it is edited is its own, and so are the tests that count.
        Assert.Equal(2, Report.Build(Examples.Experiment(), [rows[0], shorter with { Model = "llama-7b" }]).Rows.Count);
    }

    private static string Refused(MeasuredRow[] rows) =>
        Assert.Throws<ArgumentException>(() => Report.Build(Examples.Experiment(), rows)).Message;
}
