using System.Text;
using Harness.Reports;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace Harness.Figures.Drawing;

/// <summary>
/// A heading, a legend and panels in rows and columns whose data areas are aligned; drawn to PNG and SVG by the same calls. ScottPlot draws
/// a panel; what it lacks, several of them under one title and legend, is here.
/// </summary>
/// <param name="report">What is shown: its title and where its numbers come from head the page.</param>
/// <param name="theme">Colours.</param>
/// <param name="legend">The legend of all panels.</param>
/// <param name="notes">What else the lines below the title say; they are broken where they are too long.</param>
internal sealed class Page(ReportFile report, Theme theme, IReadOnlyList<LegendEntry> legend, params string[] notes)
{
    /// <summary>Pixels of the page: the width at which GitHub shows a README.</summary>
    public const float Width = 830;

    /// <summary>Pixels around it.</summary>
    public const float Margin = 14;

    // Pixels of the PNG to one of the page.
    private const float PngScale = 2;
    private readonly List<Panel> panels = [];
    private readonly IReadOnlyList<string> subtitle = FigureWords.Subtitle(report, notes);

    /// <summary>Number of panels side by side.</summary>
    public required int Columns { get; init; }

    /// <summary>Pixels left of the first column's data, for labels.</summary>
    public float Left { get; init; } = 30;

    /// <summary>Pixels left of the other columns' data.</summary>
    public float InnerLeft { get; init; } = 8;

    /// <summary>Pixels between panels.</summary>
    public float Gap { get; init; } = 18;

    /// <summary>Pixels below the data of a column's last panel.</summary>
    public float Bottom { get; init; } = 36;

    /// <summary>Pixels below the data of the others.</summary>
    public float InnerBottom { get; init; } = 8;

    /// <summary>Most pixels of a panel's data from left to right.</summary>
    public float MostDataWidth { get; init; } = Width;

    /// <summary>Theme of its panels.</summary>
    public Theme Theme => theme;

    /// <summary>Pixels of a panel's data from left to right.</summary>
    public float DataWidth => Math.Min(MostDataWidth, DataWidthOf(Columns, Left, InnerLeft, Gap));

    /// <summary>Pixels of a panel's data where so many stand side by side.</summary>
    public static float DataWidthOf(int columns, float left, float innerLeft, float gap) =>
        (Width - (2 * Margin) - left - ((innerLeft + gap) * (columns - 1))) / columns;

    /// <summary>Adds a panel.</summary>
    /// <param name="row">Its row, from 0.</param>
    /// <param name="column">Its column, from 0.</param>
    /// <param name="what">Heading.</param>
    /// <param name="where">Behind the heading, of less weight.</param>
    /// <param name="height">Pixels of its data from top to bottom.</param>
    public Plot Add(int row, int column, string what, string where, float height)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.Transparent;
        plot.RenderManager.RenderActions.Insert(0, new ExactGlyphs());
        plot.Axes.Margins(0, 0);
        foreach (var axis in plot.Axes.GetAxes())
        {
            axis.FrameLineStyle.Width = 0;
            axis.MajorTickStyle.Length = axis.MinorTickStyle.Length = 0;
            (axis.TickLabelStyle.FontSize, axis.TickLabelStyle.ForeColor) = (Theme.Small, theme.Ink);
        }

        (plot.Grid.MajorLineColor, plot.Grid.MajorLineWidth, plot.Grid.XAxisStyle.IsVisible) = (theme.Grid, 1, false);
        var heading = new PanelHeading(what, where, DataWidth, theme);
        plot.PlottableList.Insert(0, heading);
        panels.Add(new(plot, row, column, height, heading.Height));
        return plot;
    }

    /// <summary>Marks an axis; labels that would touch their neighbour are left out, those at the ends last.</summary>
    public void Ticks(Plot plot, Edge edge, IEnumerable<(double At, string Label)> ticks)
    {
        (double At, string Label)[] all = [.. ticks];
        if (edge == Edge.Bottom && all.Length > 1)
        {
            var limits = plot.Axes.GetLimits();
            all = Thinned(all, DataWidth / (limits.Right - limits.Left));
        }

        var generator = new NumericManual([.. all.Select(tick => tick.At)], [.. all.Select(tick => tick.Label)]);
        if (edge == Edge.Bottom) plot.Axes.Bottom.TickGenerator = generator;
        else plot.Axes.Left.TickGenerator = generator;
    }

    /// <summary>Names the horizontal axis.</summary>
    public void NameAxis(Plot plot, string name)
    {
        if (plot.Axes.Bottom.Label is not { } label) return;
        (label.Text, label.FontSize, label.Bold, label.ForeColor) = (name, Theme.Label, false, theme.Soft);
    }

    /// <summary>The page as PNG, two pixels to one of the page.</summary>
    public byte[] ToPng()
    {
        var (multiplot, height) = Build();
        var size = new SKImageInfo((int)(Width * PngScale), (int)(height * PngScale), SKColorType.Rgba8888, SKAlphaType.Premul);
        using var surface = SKSurface.Create(size);
        surface.Canvas.Scale(PngScale); // ScottPlot's own factor multiplies from panel to panel
        multiplot.Render(surface.Canvas, new PixelRect(0, Width, height, 0));
        using var image = surface.Snapshot();
        using var pixels = image.PeekPixels();
        using var data = pixels?.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.AllFilters, 9))
            ?? throw new InvalidOperationException($"Skia could not encode {size.Width} by {size.Height} pixels");
        return data.ToArray();
    }

    /// <summary>The page as SVG, its letters as outlines.</summary>
    public string ToSvg()
    {
        var (multiplot, height) = Build();

        // Memory of Skia's own: writing into a .NET stream would come back here in the middle of a call, where a collection frees the path
        // that is being drawn.
        using var stream = new SKDynamicMemoryWStream();
        using (var canvas = SKSvgCanvas.Create(new SKRect(0, 0, Width, height), stream))
            multiplot.Render(canvas, new PixelRect(0, Width, height, 0));
        using var svg = stream.DetachAsData();
        string[] words = [ReportFigure.Describe(report.Figure!.Kind), .. subtitle,
            .. legend.Count == 0 ? Array.Empty<string>() : [$"Legend: {string.Join("; ", legend)}"]];
        return SvgFile.Finish(Encoding.UTF8.GetString(svg.AsSpan()), report.Title, string.Join(". ", words), Width, height);
    }

    private static (double At, string Label)[] Thinned((double At, string Label)[] ticks, double scale)
    {
        const double Space = 6;
        (double Start, double End) Extent((double At, string Label) tick)
        {
            var half = tick.Label.Split('\n').Max(line => EmbeddedFont.Width(line, Theme.Small)) / 2;
            return ((tick.At * scale) - half, (tick.At * scale) + half);
        }

        var (end, last) = (double.NegativeInfinity, Extent(ticks[^1]).Start);
        return
        [
            .. ticks.Select((tick, place) =>
            {
                var (start, stop) = Extent(tick);
                var isLast = place == ticks.Length - 1;
                if (!isLast && (start < end + Space || stop + Space > last)) return (tick.At, "");
                end = stop;
                return tick;
            }),
        ];
    }

    private (Multiplot Multiplot, float Height) Build()
    {
        var header = new Header(report.Title, subtitle, legend, theme);
        var multiplot = new Multiplot();
        var background = multiplot.GetPlot(0);
        background.FigureBackground.Color = theme.Paper;
        background.Layout.Frameless();
        background.Grid.IsVisible = false;
        background.Axes.SetLimits(0, 1, 0, 1);
        background.PlottableList.Clear();
        background.Add.Plottable(header);
        var y = header.Height;
        var places = new List<PixelRect>();
        foreach (var row in panels.GroupBy(panel => panel.Row).OrderBy(row => row.Key))
        {
            var (heading, height) = (row.Max(panel => panel.Heading), row.Max(panel => panel.Height));
            var bottom = row.Any(IsLowest) ? Bottom : InnerBottom;
            foreach (var panel in row)
            {
                var left = panel.Column == 0 ? Left : InnerLeft;
                var x = Margin + (panel.Column == 0 ? 0 : Left + DataWidth + Gap + ((panel.Column - 1) * (InnerLeft + DataWidth + Gap)));
                panel.Plot.Layout.Fixed(new PixelPadding(left, 0, bottom, heading));
                multiplot.AddPlot(panel.Plot);
                places.Add(new PixelRect(x, x + left + DataWidth, y + heading + height + bottom, y));
            }

            y += heading + height + bottom;
        }

        var total = MathF.Ceiling(y + 6);
        multiplot.Layout = new Places([new PixelRect(0, Width, total, 0), .. places]);
        // The first rendering settles the axes' limits; without it an SVG would hold every panel twice.
        multiplot.Render((int)Width, (int)total).Dispose();
        return (multiplot, total);
    }

    private bool IsLowest(Panel panel) => !panels.Exists(other => other.Column == panel.Column && other.Row > panel.Row);

    private sealed record Panel(Plot Plot, int Row, int Column, float Height, float Heading);

    private sealed class Places(PixelRect[] places) : IMultiplotLayout
    {
        public PixelRect[] GetSubplotRectangles(SubplotCollection subplots, PixelRect figureRect) => places;
    }
}
