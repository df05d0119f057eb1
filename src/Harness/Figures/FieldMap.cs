using Harness.Figures.Drawing;
using ScottPlot;

namespace Harness.Figures;

/// <summary>A field of a map.</summary>
/// <param name="X">Its place across.</param>
/// <param name="Y">Its place down.</param>
/// <param name="Shade">From 0, dark, to 1, bright; null where there is no number.</param>
/// <param name="Label">The number.</param>
internal sealed record MapField(string X, string Y, double? Shade, string Label);

/// <summary>A panel of fields.</summary>
/// <param name="What">Its heading.</param>
/// <param name="Where">Behind the heading.</param>
/// <param name="Fields">Its fields.</param>
internal sealed record MapPanel(string What, string Where, IReadOnlyList<MapField> Fields);

/// <summary>Fields in rows and columns, coloured by their number, which stands in them where it fits.</summary>
internal static class FieldMap
{
    // Pixels: of a field from top to bottom, the most from left to right, room around its number.
    private const float FieldHeight = 26, MostFieldWidth = 90, LabelRoom = 6;
    private const float Gap = 18, InnerLeft = 4;

    // Relative luminance above which black is easier to read than white.
    private const double Bright = 0.18;

    /// <summary>The colours, dark to bright.</summary>
    public static IColormap Colors { get; } = new ScottPlot.Colormaps.Viridis();

    /// <summary>A page of maps that share their axes.</summary>
    /// <param name="report">What is shown.</param>
    /// <param name="notes">Lines of the subtitle.</param>
    /// <param name="keys">Keys of the colours.</param>
    /// <param name="panels">The maps, row by row.</param>
    /// <param name="most">Most of them side by side.</param>
    /// <param name="across">Name and values of the horizontal axis.</param>
    /// <param name="down">Values of the vertical axis, from the top.</param>
    /// <param name="theme">Colours.</param>
    public static Page Of(
        FigureReport report, string[] notes, IReadOnlyList<LegendEntry> keys, IReadOnlyList<MapPanel> panels, int most,
        (string Name, IReadOnlyList<string> Values) across, IReadOnlyList<string> down, Theme theme)
    {
        var left = down.Select(label => EmbeddedFont.Width(label, Theme.Small)).DefaultIfEmpty(0).Max() + 8;
        var widest = panels.SelectMany(panel => panel.Fields).Select(field => EmbeddedFont.Width(field.Label, Theme.Small))
            .DefaultIfEmpty(0).Max() + LabelRoom;
        var columns = Math.Max(1, Enumerable.Range(1, Math.Max(1, Math.Min(most, panels.Count)))
            .LastOrDefault(count => Page.DataWidthOf(count, left, InnerLeft, Gap) / across.Values.Count >= widest));
        var page = new Page(theme, report.Title, FigureWords.Subtitle(report, notes), keys)
        {
            Columns = columns,
            Left = left,
            InnerLeft = InnerLeft,
            Gap = Gap,
            Bottom = 38,
            InnerBottom = 22,
            MostDataWidth = MostFieldWidth * across.Values.Count,
            Description = ReportFigure.Describe(report.Kind),
        };
        var hasLabels = page.DataWidth / across.Values.Count >= widest;
        foreach (var (place, panel) in panels.Index())
        {
            var plot = page.Add(place / columns, place % columns, panel.What, panel.Where, FieldHeight * down.Count);
            plot.Grid.IsVisible = false;
            plot.Axes.SetLimits(-0.5, across.Values.Count - 0.5, down.Count - 0.5, -0.5);
            page.Ticks(plot, Edge.Bottom, across.Values.Select((value, i) => ((double)i, value)));
            page.Ticks(plot, Edge.Left, down.Select((value, i) => ((double)i, place % columns == 0 ? value : "")));
            if (place + columns >= panels.Count) page.NameAxis(plot, across.Name);
            foreach (var field in panel.Fields)
                Draw(plot, field, across.Values.ToList().IndexOf(field.X), down.ToList().IndexOf(field.Y), hasLabels, theme);
        }

        return page;
    }

    // Rectangles, not ScottPlot's map: that is one small picture, which SVG viewers blur.
    private static void Draw(Plot plot, MapField field, int x, int y, bool hasLabel, Theme theme)
    {
        var color = field.Shade is { } shade ? Colors.GetColor(shade) : theme.Grid;
        var box = plot.Add.Rectangle(x - 0.5, x + 0.5, y - 0.5, y + 0.5);
        (box.FillColor, box.LineColor, box.LineWidth) = (color, theme.Paper, 1.5f);
        if (!hasLabel) return;
        var text = plot.Add.Text(field.Label, x, y);
        (text.LabelAlignment, text.LabelFontSize, text.LabelFontName) = (Alignment.MiddleCenter, Theme.Small, EmbeddedFont.Family);
        text.LabelFontColor = field.Shade is null ? theme.Soft : Luminance(color) > Bright ? Theme.Light.Ink : Theme.Light.Paper;
    }

    // WCAG 2.2, relative luminance.
    internal static double Luminance(Color color)
    {
        static double Linear(byte value)
        {
            var share = value / 255.0;
            return share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Linear(color.R)) + (0.7152 * Linear(color.G)) + (0.0722 * Linear(color.B));
    }
}
