using Harness.Figures.Drawing;
using ScottPlot;

namespace Harness.Figures;

/// <summary>
/// Grouped bars, editors side by side: metrics in rows and data sets in columns, or metrics side by side where there is one data set. Where
/// the editors' names do not fit, <see cref="RowsFigure"/> writes them below one another.
/// </summary>
internal static class BarFigure
{
    // Pixels: least for a bar, height of a panel, of a bar of nothing, left of panels' data.
    private const float LeastSlot = 7, Height = 118, Stub = 1.5f, Left = 32, InnerLeft = 32, SharedLeft = 8, Gap = 14, SharedGap = 22;
    private const int MostAcross = 4;

    public static Page Of(FigureReport report, Theme theme)
    {
        var datasets = report.Datasets.Where(dataset => report.Rows.Any(row => row.Dataset == dataset.Name)).ToList();
        var (editors, metrics) = (report.Editors, report.Metrics);
        var isShared = datasets.Count > 1; // panels of a row share their axis
        var (innerLeft, gap) = isShared ? (SharedLeft, SharedGap) : (InnerLeft, Gap);
        int[] possible = isShared ? [datasets.Count]
            : [.. Enumerable.Range(1, MostAcross).Reverse().Where(count => IsFull(metrics.Count, count))];
        var columns = possible.FirstOrDefault(count => Fits(report, Page.DataWidthOf(count, Left, innerLeft, gap)));
        if (columns == 0) return RowsFigure.Of(report, theme);

        var labels = Labels(editors, Page.DataWidthOf(columns, Left, innerLeft, gap) / editors.Count);
        var lines = labels.Max(label => label.Split('\n').Length);
        var page = new Page(theme, report.Title, FigureWords.Subtitle(report), BarMarks.Legend(report, theme))
        {
            Columns = columns,
            Left = Left,
            InnerLeft = innerLeft,
            Gap = gap,
            Bottom = 8 + (13 * lines),
            Description = ReportFigure.Describe(report.Kind),
        };
        var last = isShared ? metrics.Count - 1 : (metrics.Count - 1) / columns;
        foreach (var (m, metric) in metrics.Index())
        {
            foreach (var (d, dataset) in datasets.Index())
            {
                var (row, column) = isShared ? (m, d) : (m / columns, m % columns);
                var isLowest = row == last || (!isShared && m + columns >= metrics.Count);
                var bars = BarMarks.Of(report, dataset.Name, metric);
                var plot = page.Add(
                    row, column, FigureWords.Heading(metric), FigureWords.Behind(metric, isShared ? dataset.Shown.Text : ""), Height);
                var scale = BarMarks.Scale(metric, bars);
                var above = (scale.High - scale.Low) * 0.045; // room for marks and whiskers at the end
                plot.Axes.SetLimits(-0.5, editors.Count - 0.5, scale.Low, scale.High + above);
                page.Ticks(plot, Edge.Left, scale.Ticks.Select(tick => (tick.At, isShared && d > 0 ? "" : tick.Label)));
                page.Ticks(plot, Edge.Bottom, labels.Select((label, place) => ((double)place, isLowest ? label : "")));
                plot.Add.HorizontalLine(0, 1, theme.Axis); // an axis would be drawn over marks at 0
                BarMarks.Draw(plot, bars, report.Models.Count, Orientation.Vertical, (scale.High - scale.Low) * Stub / Height, theme);
            }
        }

        return page;
    }

    // Less than a quarter of the page stays empty.
    private static bool IsFull(int panels, int columns)
    {
        var places = (panels + columns - 1) / columns * columns;
        return columns <= panels && (columns > 1 || panels == 1) && (places - panels) * 4 < places;
    }

    private static bool Fits(FigureReport report, float width)
    {
        var place = width / report.Editors.Count;
        return report.Editors.All(editor => Lines.Narrowest(editor) <= place - 2)
            && place * BarMarks.GroupShare / report.Models.Count >= LeastSlot;
    }

    private static List<string> Labels(IReadOnlyList<string> editors, float place) =>
        [.. editors.Select(editor => Lines.Hyphenated(editor, place - 2))];
}
