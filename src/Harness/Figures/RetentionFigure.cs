using Harness.Figures.Drawing;
using Harness.Reports;
using ScottPlot;

namespace Harness.Figures;

/// <summary>
/// How well the edits are kept after all of them, by their place among them: a panel for each editor with the others in grey, so that bands
/// do not lie upon one another; dotted, how well each was made.
/// </summary>
internal static class RetentionFigure
{
    private const float Height = 150, LineWidth = 2, OtherWidth = 1;
    private const byte BandAlpha = 51, OtherAlpha = 130;
    private const int MostAcross = 4;
    private static readonly (float On, float Off) EachDash = (2, 2.5f);

    public static Page Of(ReportFile report, Theme theme)
    {
        var metric = Metric.Find(report.Figure!.Metric!);
        var rows = report.Rows.Where(row => row.Retention?.Count > 0).ToList();
        var editors = rows.Select(row => row.Editor).Distinct().ToList();
        var places = rows.GroupBy(row => FigureWords.Place(report, row)).ToList();
        var columns = Math.Clamp(editors.Count, 1, MostAcross);
        var blocks = (editors.Count + columns - 1) / columns;
        var page = new Page(report, theme, Legend(report, rows, theme), Note(metric))
        {
            Columns = columns,
            InnerLeft = 4,
            Gap = 14,
            Bottom = 38,
            InnerBottom = 22,
        };
        var last = rows.Select(row => row.Retention!.Sum(bin => bin.N)).DefaultIfEmpty(1).Max();
        foreach (var (p, place) in places.Index())
        {
            foreach (var row in place)
            {
                var editor = editors.IndexOf(row.Editor);
                var mean = row.Metrics.GetValueOrDefault(metric.Name)?.Mean is { } shown
                    ? $"mean {FigureWords.Number(shown)} {Digits.Symbol(metric.Unit)}" : "";
                var where = string.Join(" · ", new[] { mean, place.Key }.Where(text => text.Length > 0));
                var plot = page.Add((p * blocks) + (editor / columns), editor % columns, row.Editor, where, Height);
                plot.Axes.SetLimits(0, last * 1.03, -3, 104);
                var scale = ValueScale.Of(metric, []);
                page.Ticks(plot, Edge.Left, scale.Ticks.Select(tick => (tick.At, editor % columns == 0 ? tick.Label : "")));
                page.Ticks(plot, Edge.Bottom,
                    new[] { 1.0, Math.Round(last / 2.0), last }.Distinct().Select(edit => (edit, FigureWords.Label(edit))));
                (plot.Axes.Bottom.FrameLineStyle.Width, plot.Axes.Bottom.FrameLineStyle.Color) = (1, theme.Axis);
                page.NameAxis(plot, p == places.Count - 1 && editor + columns >= editors.Count ? "edit" : "");
                foreach (var other in place.Where(other => other != row))
                    Line(plot, other.Retention!, theme.Axis.WithAlpha(OtherAlpha), OtherWidth);
                Draw(plot, row.Retention!, theme.ColorOf(editor));
            }
        }

        return page;
    }

    private static string Note(Metric metric) =>
        $"{FigureWords.Heading(metric)} of each edit by its place among the edits, in at most {Retention.MostBins} runs";

    private static List<LegendEntry> Legend(ReportFile report, List<ReportedRow> rows, Theme theme)
    {
        var bins = rows.SelectMany(row => row.Retention!).ToList();
        List<LegendEntry> legend = [new("after all edits") { Line = theme.Ink, LineWidth = LineWidth }];
        if (bins.Exists(bin => bin.Low is not null))
            legend.Add(new($"band: {FigureWords.Interval(report)}") { Band = theme.Ink.WithAlpha(BandAlpha) });
        if (bins.Exists(bin => bin.Each is not null))
            legend.Add(new("right after each edit") { Line = theme.Ink, LineWidth = 1.4f, Dash = EachDash });
        if (rows.Select(row => row.Editor).Distinct().Count() > 1)
            legend.Add(new("the other editors, after all edits") { Line = theme.Axis.WithAlpha(OtherAlpha), LineWidth = OtherWidth });
        return legend;
    }

    private static void Draw(Plot plot, IReadOnlyList<RetentionBin> bins, Color color)
    {
        var banded = bins.Where(bin => bin.Low is not null).ToList();
        if (banded.Count > 1)
        {
            var band = plot.Add.FillY(
                [.. banded.Select(bin => bin.Edit)], [.. banded.Select(bin => bin.Low!.Value)],
                    [.. banded.Select(bin => bin.High!.Value)]);
            (band.FillColor, band.LineWidth, band.MarkerShape) = (color.WithAlpha(BandAlpha), 0, MarkerShape.None);
        }

        Line(plot, bins, color, LineWidth);
        var each = bins.Where(bin => bin.Each is not null).ToList();
        if (each.Count > 0)
            plot.Add.Plottable(new DashedLine(
            [.. each.Select(bin => bin.Edit)], [.. each.Select(bin => bin.Each!.Value)], color, 1.4f, EachDash));
    }

    private static void Line(Plot plot, IReadOnlyList<RetentionBin> bins, Color color, float width)
    {
        var line = plot.Add.Scatter(bins.Select(bin => bin.Edit).ToArray(), bins.Select(bin => bin.Percent).ToArray(), color);
        (line.LineWidth, line.MarkerSize) = (width, 0);
    }
}
