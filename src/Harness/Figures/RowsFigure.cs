using Harness.Figures.Drawing;
using ScottPlot;

namespace Harness.Figures;

/// <summary>Bars of many editors: their names below one another, metrics side by side, data sets below one another.</summary>
internal static class RowsFigure
{
    // Pixels: of one of several bars, high enough for a number beside it; of an editor with one; of a bar of nothing.
    private const float RowHeight = 13, LeastHeight = 16, Stub = 1.5f;
    private const int MostAcross = 4;

    public static Page Of(FigureReport report, Theme theme)
    {
        var datasets = report.Datasets.Where(dataset => report.Rows.Any(row => row.Dataset == dataset.Name)).ToList();
        var (editors, metrics) = (report.Editors, report.Metrics);
        var columns = Math.Min(MostAcross, metrics.Count);
        var blocks = (metrics.Count + columns - 1) / columns;
        var page = new Page(theme, report.Title, FigureWords.Subtitle(report), BarMarks.Legend(report, theme))
        {
            Columns = columns,
            Left = editors.Max(editor => EmbeddedFont.Width(editor, Theme.Small)) + 8,
            InnerLeft = 6,
            Bottom = 24,
            InnerBottom = 24,
            Description = ReportFigure.Describe(report.Kind),
        };
        var height = editors.Count * Math.Max(LeastHeight, RowHeight * report.Models.Count);
        foreach (var (d, dataset) in datasets.Index())
        {
            foreach (var (m, metric) in metrics.Index())
            {
                var column = m % columns;
                var where = FigureWords.Behind(metric, datasets.Count > 1 ? dataset.Shown.Text : "");
                var plot = page.Add((d * blocks) + (m / columns), column, FigureWords.Heading(metric), where, height);
                var bars = BarMarks.Of(report, dataset.Name, metric);
                var scale = BarMarks.Scale(metric, bars);
                var beyond = (scale.High - scale.Low) * 0.04;
                plot.Axes.SetLimits(scale.Low, scale.High + beyond, editors.Count - 0.5, -0.5);
                (plot.Grid.XAxisStyle.IsVisible, plot.Grid.YAxisStyle.IsVisible) = (true, false);
                page.Ticks(plot, Edge.Left, editors.Select((editor, place) => ((double)place, column > 0 ? "" : editor)));
                page.Ticks(plot, Edge.Bottom, scale.Ticks);
                plot.Add.VerticalLine(0, 1, theme.Axis);
                BarMarks.Draw(plot, bars, report.Models.Count, Orientation.Horizontal, (scale.High - scale.Low) * Stub / page.DataWidth,
                    theme);
            }
        }

        return page;
    }
}
