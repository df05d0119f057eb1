using System.Text.Json.Nodes;
using Harness.Experiments.Declarations;
using Harness.Experiments.Reports;
using Harness.Experiments.Reports.Figures;

namespace Harness.Tests.Reports.Figures;

public sealed class ReportFigureTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("report-figure-tests").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_sweep_has_a_row_a_metric_and_places_rows_by_their_axis()
    {
        var figure = ReportFigure.Of(VariedReportTests.Sweep());
        Assert.Equal("sweep.vl.json", figure.Specification);
        Assert.Equal([new FigureRow("reliability (%)", new(0, 100)), new FigureRow("perplexity-ratio (×), lower is better", null)], figure.Rows);
        Assert.Equal(AxisKind.Log, figure.X!.Kind);
        Assert.Equal(
            """{"row":1,"place":"zsre","series":"memit","x":2,"mean":8,"low":8,"high":8,"published":null,"place-order":0}""",
            figure.Values.Single(value => (int)value["row"]! == 1 && (double?)value["x"] == 2).ToJsonString());
        Assert.Null(figure.Values.Single(value => (string?)value["series"] == "original")["x"]);
    }

    [Theory]
    [InlineData(true, AxisKind.Log, "1", "10")]
    [InlineData(false, AxisKind.Linear, "0", "0.5")]
    [InlineData(true, AxisKind.Ordinal, "0", "10")] // 0 has no logarithm
    [InlineData(false, AxisKind.Ordinal, "1", "all")]
    public void An_axis_is_spaced_as_its_values_allow(bool logarithmic, AxisKind expected, params string[] values) =>
        Assert.Equal(expected, FigureAxis.Of(new("axis", values) { IsLogarithmic = logarithmic }).Kind);

    [Fact]
    public void A_heat_map_shades_percent_by_what_can_be_and_other_units_by_what_is()
    {
        var figure = ReportFigure.Of(HeatMap());
        Assert.Equal([0, 0.5, 1], figure.Values.Where(value => (int)value["row"]! == 0).Select(value => (double)value["shade"]!));
        Assert.Equal([1, 0.5, 0], figure.Values.Where(value => (int)value["row"]! == 1).Select(value => (double)value["shade"]!)); // kl: lower is better
        Assert.Equal(["0.100", "0.200", "0.300"], figure.Values.Where(value => (int)value["row"]! == 1).Select(value => (string)value["label"]!));
        Assert.Equal(("1", "up"), ((string)figure.Values[2]["x"]!, (string)figure.Values[2]["y"]!));
    }

    [Fact]
    public void Retention_is_the_mean_over_bins_of_edits_in_their_order()
    {
        var bootstrap = new Bootstrap(1, new());
        var shuffled = Examples.Row("rome", ("reliability", [.. Examples.Items(50, i => i < 25 ? 0 : 1).Reverse()]));
        var bins = RetentionFigure.Bins(shuffled, "reliability", bootstrap).ToList();
        Assert.Equal(20, bins.Count); // 2, 3, 2, 3 … edits
        Assert.Equal((1.5, 0, new Interval(0, 0)), bins[0]);
        Assert.Equal((4, 0, new Interval(0, 0)), bins[1]);
        Assert.Equal((49, 1, new Interval(1, 1)), bins[^1]);

        var few = RetentionFigure.Bins(Examples.Row("rome", ("reliability", Examples.Items(1, 0, 1))), "reliability", bootstrap);
        Assert.Equal([(1, 1, null), (2, 0, null), (3, 1, null)], few);
        Assert.Empty(RetentionFigure.Bins(shuffled, "reliability-each", bootstrap));
    }

    [Fact]
    public void Change_is_drawn_by_layer_in_numeric_order_and_module()
    {
        var figure = ReportFigure.Of(Change());
        Assert.Equal(["rome", "ft-m"], figure.Rows.Select(row => row.Label));
        Assert.Equal(["2", "10"], figure.X!.Values);
        Assert.Equal(
            """{"row":1,"place":"zsre","x":"10","y":"mlp/down","label":"4.0","shade":1,"place-order":0}""", figure.Values[^1].ToJsonString());
        Assert.Equal("<0.1", (string)figure.Values[0]["label"]!);
    }

    [Fact]
    public void A_figure_without_its_axes_is_refused()
    {
        var experiment = VariedReportTests.Sweep().Experiment with { Figure = new(FigureKind.HeatMap) };
        Assert.Equal(
            "figure 'heat-map': found 1 axes, expected at least 2; name them under 'vary', or choose another figure", ReportFigure.Check(experiment));
        Assert.Null(ReportFigure.Check(experiment with { Figure = new(FigureKind.Sweep) }));
    }

    [FigureFact]
    public void Every_kind_is_drawn()
    {
        var sweep = VariedReportTests.Sweep();
        Draw("sweep", sweep, ">memit<", ">edits<", ">perplexity-ratio (×), lower is better<");
        Draw("bars", sweep with { Experiment = sweep.Experiment with { Figure = new(FigureKind.Bars) } }, ">memit@4<", ">reliability (%)<");
        Draw("retention", sweep with { Experiment = sweep.Experiment with { Figure = new(FigureKind.Retention) } }, ">place of the edit among the edits<");
        Draw("heat-map", HeatMap(), ">layer<", ">0.300<", ">kl (nats), lower is better<");
        Draw("change", Change(), ">mlp/down<", ">&lt;0.1<");
    }

    private void Draw(string name, Report report, params string[] texts)
    {
        var svg = Path.Combine(folder, $"{name}.svg");
        new FigureRenderer(FigureFactAttribute.Folder!).Render(ReportFigure.Of(report), svg, Path.Combine(folder, $"{name}.png"));
        Assert.All(texts, text => Assert.Contains(text, File.ReadAllText(svg)));
    }

    private static Report HeatMap()
    {
        (string Layer, string Module)[] places = [("0", "up"), ("0", "down"), ("1", "up")];
        var editors = places.Select(place => new EditorEntry($"ft-m@{place.Layer},{place.Module}", new object())
        {
            Editor = "ft-m",
            Series = "ft-m",
            At = [new("layer", place.Layer), new("module", place.Module)],
        }).ToArray();
        var experiment = Examples.Small(["reliability", "kl"], editors) with
        {
            Axes = [new("layer", ["0", "1"]), new("module", ["up", "down"])],
            Figure = new(FigureKind.HeatMap),
        };
        return Report.Build(experiment, [.. editors.Select((editor, i) => Examples.Row(
            editor.Name, ("reliability", Examples.Items(i / 2.0, i / 2.0)), ("kl", Examples.Items((i + 1) / 10.0))))]);
    }

    private static Report Change()
    {
        var experiment = Examples.Small(["change"], [new("original", null), new("rome", new object()), new("ft-m", new object())]) with
        {
            Figure = new(FigureKind.Change),
        };
        (string, IReadOnlyList<ItemScore>) Of(string series, double value) => (series, Examples.Items(value));
        return Report.Build(experiment,
        [
            Examples.Row("original", Of("reliability", 0)), // it has no change, and is no part of the figure
            Examples.Row("rome", Of("change", 0.01), Of("change/10/mlp/down", 0.0001), Of("change/2/mlp/down", 0.02)),
            Examples.Row("ft-m", Of("change", 0.01), Of("change/10/mlp/down", 0.04)),
        ]);
    }
}
