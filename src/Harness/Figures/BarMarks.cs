using Harness.Figures.Drawing;
using Harness.Reports;
using ScottPlot;
using ScottPlot.Plottables;

namespace Harness.Figures;

/// <summary>A bar with what belongs to it.</summary>
/// <param name="Editor">Place of its editor.</param>
/// <param name="Model">Place of its model.</param>
/// <param name="Cell">Its numbers.</param>
internal sealed record EditorBar(int Editor, int Model, FigureCell Cell);

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
    public static IReadOnlyList<LegendEntry> Legend(FigureReport report, Theme theme) =>
    [
        .. report.Models.Count == 1 ? []
            : report.Models.Select((model, place) => new LegendEntry(model.Shown.Text) { Swatch = theme.ColorOf(place) }),
        .. report.Rows.Any(row => row.Cells.Values.Any(cell => cell.Interval is not null))
            ? [new LegendEntry(FigureWords.Interval(report)) { Line = theme.Ink, LineWidth = 1.2f }] : Array.Empty<LegendEntry>(),
        .. report.HasPublished ? [new LegendEntry(FigureWords.Published) { Marker = theme.Hollow(theme.Ink) }] : Array.Empty<LegendEntry>(),
        .. report.Rows.Any(row => row.Cells.Values.Any(cell => cell.Mean is null))
            ? [new LegendEntry("not defined") { Sample = "n/a" }] : Array.Empty<LegendEntry>(),
    ];

    /// <summary>The bars of one metric and data set.</summary>
    public static IReadOnlyList<EditorBar> Of(FigureReport report, string dataset, MetricDefinition metric)
    {
        var editors = report.Editors.ToList();
        return
        [
            .. from row in report.Rows
               where row.Dataset == dataset
               from model in report.Models.Index()
               where model.Item.Name == row.Model
               select new EditorBar(editors.IndexOf(row.Editor), model.Index, row.Cells[metric.Name]),
        ];
    }

    /// <summary>The axis that holds them all.</summary>
    public static ValueScale Scale(MetricDefinition metric, IReadOnlyList<EditorBar> bars) => ValueScale.Of(metric,
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
        foreach (var bar in measured.Where(bar => bar.Cell.Mean == 0 && bar.Cell.Interval is not { High: > 0 }))
            Label(plot, "0", At(bar), bar.Cell.Published is { } mark && mark < LabelRoom * stub ? mark + (MarkRoom * stub) : stub,
                isUpright, theme);
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
