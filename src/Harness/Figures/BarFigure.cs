using Harness.Figures.Drawing;
using Harness.Reports;
using ScottPlot;
using ScottPlot.Plottables;

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

    public static Page Of(ReportFile report, Theme theme)
    {
        var datasets = report.Datasets.Where(dataset => report.Rows.Any(row => row.Dataset == dataset.Name)).ToList();
        var (editors, metrics) = (report.Editors, report.Columns);
        var isShared = datasets.Count > 1; // panels of a row share their axis
        var (innerLeft, gap) = isShared ? (SharedLeft, SharedGap) : (InnerLeft, Gap);
        int[] possible = isShared ? [datasets.Count]
            : [.. Enumerable.Range(1, MostAcross).Reverse().Where(count => IsFull(metrics.Count, count))];
        var columns = possible.FirstOrDefault(count => Fits(report, Page.DataWidthOf(count, Left, innerLeft, gap)));
        if (columns == 0) return RowsFigure.Of(report, theme);

        var labels = Labels(editors, Page.DataWidthOf(columns, Left, innerLeft, gap) / editors.Count);
        var lines = labels.Max(label => label.Split('\n').Length);
        var page = new Page(report, theme, BarMarks.Legend(report, theme))
        {
            Columns = columns,
            Left = Left,
            InnerLeft = innerLeft,
            Gap = gap,
            Bottom = 8 + (13 * lines),
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

    private static bool Fits(ReportFile report, float width)
    {
        var place = width / report.Editors.Count;
        return report.Editors.All(editor => Lines.Narrowest(editor) <= place - 2)
            && place * BarMarks.GroupShare / report.Models.Count >= LeastSlot;
    }

    private static List<string> Labels(IReadOnlyList<string> editors, float place) =>
        [.. editors.Select(editor => Lines.Hyphenated(editor, place - 2))];
}

/// <summary>Bars of many editors: their names below one another, metrics side by side, data sets below one another.</summary>
internal static class RowsFigure
{
    // Pixels: of one of several bars, high enough for a number beside it; of an editor with one; of a bar of nothing.
    private const float RowHeight = 13, LeastHeight = 16, Stub = 1.5f;
    private const int MostAcross = 4;

    public static Page Of(ReportFile report, Theme theme)
    {
        var datasets = report.Datasets.Where(dataset => report.Rows.Any(row => row.Dataset == dataset.Name)).ToList();
        var (editors, metrics) = (report.Editors, report.Columns);
        var columns = Math.Min(MostAcross, metrics.Count);
        var blocks = (metrics.Count + columns - 1) / columns;
        var page = new Page(report, theme, BarMarks.Legend(report, theme))
        {
            Columns = columns,
            Left = editors.Max(editor => EmbeddedFont.Width(editor, Theme.Small)) + 8,
            InnerLeft = 6,
            Bottom = 24,
            InnerBottom = 24,
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

/// <summary>A bar with what belongs to it.</summary>
/// <param name="Editor">Place of its editor.</param>
/// <param name="Model">Place of its model.</param>
/// <param name="Cell">Its numbers.</param>
internal sealed record EditorBar(int Editor, int Model, ReportedNumber Cell);

/// <summary>Bars, their intervals and the published numbers upon them, upright or lying.</summary>
internal static class BarMarks
{
    /// <summary>Share of an editor's place that its bars take, side by side.</summary>
    public const double GroupShare = 0.8;

    // Share of its slot that a bar takes.
    private const double BarShare = 0.9;

    // A published number's mark reaches so many times as far as a bar of nothing, and a label beside that bar so many times.
    private const double MarkRoom = 4, LabelRoom = 9;

    /// <summary>The legend: models where there are several, then what the marks mean.</summary>
    public static IReadOnlyList<LegendEntry> Legend(ReportFile report, Theme theme) =>
    [
        .. report.Models.Count == 1 ? []
            : report.Models.Select((model, place) => new LegendEntry(model.Shown.Text) { Swatch = theme.ColorOf(place) }),
        .. report.Rows.Any(row => row.Metrics.Values.Any(cell => cell.Interval is not null))
            ? [new LegendEntry(FigureWords.Interval(report)) { Line = theme.Ink, LineWidth = 1.2f }] : Array.Empty<LegendEntry>(),
        .. report.HasPublished ? [new LegendEntry(FigureWords.Published) { Marker = theme.Hollow(theme.Ink) }] : Array.Empty<LegendEntry>(),
        .. report.Rows.Any(row => row.Metrics.Values.Any(cell => cell.Mean is null))
            ? [new LegendEntry("not defined") { Sample = "n/a" }] : Array.Empty<LegendEntry>(),
    ];

    /// <summary>The bars of one metric and data set.</summary>
    public static IReadOnlyList<EditorBar> Of(ReportFile report, string dataset, Metric metric)
    {
        var editors = report.Editors.ToList();
        return
        [
            .. from row in report.Rows
               where row.Dataset == dataset
               from model in report.Models.Index()
               where model.Item.Name == row.Model
               select new EditorBar(editors.IndexOf(row.Editor), model.Index, row.Metrics[metric.Name]),
        ];
    }

    /// <summary>The axis that holds them all.</summary>
    public static ValueScale Scale(Metric metric, IReadOnlyList<EditorBar> bars) => ValueScale.Of(metric,
    [
        .. bars.SelectMany(bar => new[] { bar.Cell.Mean, bar.Cell.Interval?.Low, bar.Cell.Interval?.High, bar.Cell.Published })
            .OfType<double>(),
    ]);

    /// <summary>Draws them.</summary>
    /// <param name="plot">Where.</param>
    /// <param name="bars">What.</param>
    /// <param name="models">How many share an editor's place, at least 1.</param>
    /// <param name="orientation">Upright or lying.</param>
    /// <param name="stub">Length of a bar of nothing, so that it is seen.</param>
    /// <param name="theme">Colours.</param>
    public static void Draw(Plot plot, IReadOnlyList<EditorBar> bars, int models, Orientation orientation, double stub, Theme theme)
    {
        var isUpright = orientation == Orientation.Vertical;
        var slot = GroupShare / models;
        var measured = bars.Where(bar => bar.Cell.Mean is not null).ToList();
        plot.Add.Bars(measured.ConvertAll(bar => new Bar
        {
            Orientation = orientation,
            Position = At(bar),
            Value = Math.Abs(bar.Cell.Mean!.Value) < stub ? stub : bar.Cell.Mean.Value,
            Size = slot * BarShare,
            FillColor = theme.ColorOf(bar.Model),
            LineWidth = 0,
        }));
        Whiskers(plot, [.. measured.Where(bar => bar.Cell.Interval is { } interval && interval.High > interval.Low)], At, isUpright, theme);
        foreach (var bar in measured.Where(bar => bar.Cell.Mean == 0))
        {
            var end = Math.Max(stub, bar.Cell.Interval?.High ?? 0);
            var isInTheWay = bar.Cell.Published is { } mark && mark > end - (MarkRoom * stub) && mark < end + (LabelRoom * stub);
            Label(plot, "0", At(bar), isInTheWay ? bar.Cell.Published!.Value + (MarkRoom * stub) : end, isUpright, theme);
        }

        foreach (var missing in bars.Where(bar => bar.Cell.Mean is null && bar.Cell.Published is null).GroupBy(bar => bar.Editor))
            Label(plot, "n/a", missing.Average(At), 0, isUpright, theme);
        var published = bars.Where(bar => bar.Cell.Published is not null).ToList();
        if (published.Count == 0) return;
        double[] places = [.. published.Select(At)], values = [.. published.Select(bar => bar.Cell.Published!.Value)];
        plot.Add.Plottable((isUpright ? new WholeMarkers(places, values) : new WholeMarkers(values, places)).With(theme.Hollow(theme.Ink)));

        double At(EditorBar bar) => bar.Editor - (GroupShare / 2) + (slot * (bar.Model + 0.5));
    }

    // ScottPlot's bars have whiskers of equal length on both sides. A halo keeps them visible on every bar.
    private static void Whiskers(Plot plot, List<EditorBar> bars, Func<EditorBar, double> at, bool isUpright, Theme theme)
    {
        if (bars.Count == 0) return;
        double[] places = [.. bars.Select(at)], values = [.. bars.Select(bar => bar.Cell.Mean!.Value)];
        double[] above = [.. bars.Select(bar => bar.Cell.Interval!.High - bar.Cell.Mean!.Value)],
            below = [.. bars.Select(bar => bar.Cell.Mean!.Value - bar.Cell.Interval!.Low)];
        foreach (var (color, width) in new[] { (theme.Paper, 3.2f), (theme.Ink, 1.2f) })
        {
            var whiskers = isUpright
                ? new ErrorBar(places, values, null, null, above, below)
                : new ErrorBar(values, places, above, below, null, null);
            (whiskers.Color, whiskers.LineWidth, whiskers.CapSize) = (color, width, 0);
            plot.Add.Plottable(whiskers);
        }
    }

    private static void Label(Plot plot, string words, double place, double value, bool isUpright, Theme theme)
    {
        var text = isUpright ? plot.Add.Text(words, place, value) : plot.Add.Text(words, value, place);
        (text.LabelFontSize, text.LabelFontColor, text.LabelAlignment, text.LabelFontName) =
            (Theme.Small, theme.Soft, isUpright ? Alignment.LowerCenter : Alignment.MiddleLeft, EmbeddedFont.Family);
        (text.OffsetX, text.OffsetY) = isUpright ? (0, -1) : (3, 0);
    }
}
