using ScottPlot;
using SkiaSharp;

namespace Harness.Figures.Drawing;

/// <summary>What is drawn in pixels, outside a plot's data area too.</summary>
internal abstract class PixelDrawing : IPlottable
{
    /// <inheritdoc />
    public bool IsVisible { get; set; } = true;

    /// <inheritdoc />
    public IAxes Axes { get; set; } = new Axes();

    /// <inheritdoc />
    public IEnumerable<LegendItem> LegendItems => [];

    /// <inheritdoc />
    public AxisLimits GetAxisLimits() => AxisLimits.NoLimits;

    /// <inheritdoc />
    public abstract void Render(RenderPack rp);

    /// <summary>Writes a text.</summary>
    /// <param name="canvas">Where to.</param>
    /// <param name="text">What.</param>
    /// <param name="x">Its left end in pixels.</param>
    /// <param name="baseline">Its baseline in pixels.</param>
    /// <param name="size">Size in pixels.</param>
    /// <param name="color">Colour.</param>
    /// <param name="bold">Whether it is semi-bold.</param>
    protected static void Text(SKCanvas canvas, string text, float x, float baseline, float size, Color color, bool bold = false)
    {
        using var font = EmbeddedFont.Of(size, bold);
        using var ink = Ink(color);
        canvas.DrawText(text, x, baseline, SKTextAlign.Left, font, ink);
    }

    /// <summary>A paint that fills with a colour. The caller disposes it.</summary>
    protected static SKPaint Ink(Color color) => new() { Color = color.ToSKColor(), IsAntialias = true };

    /// <summary>Draws a broken line as an outline: Skia's SVG writer leaves dashes out.</summary>
    protected static void Dashed(SKCanvas canvas, IEnumerable<SKPoint> points, Color color, float width, (float On, float Off) dash)
    {
        using var line = new SKPath();
        foreach (var (place, point) in points.Index())
        {
            if (place == 0) line.MoveTo(point);
            else line.LineTo(point);
        }

        using var effect = SKPathEffect.CreateDash([dash.On, dash.Off], 0);
        using var pen = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = width, PathEffect = effect };
        using var outline = new SKPath();
        pen.GetFillPath(line, outline);
        using var ink = Ink(color);
        canvas.DrawPath(outline, ink);
    }
}

/// <summary>A broken line through points in the axes' units.</summary>
internal sealed class DashedLine(IReadOnlyList<double> xs, IReadOnlyList<double> ys, Color color, float width, (float On, float Off) dash)
    : PixelDrawing
{
    /// <inheritdoc />
    public override void Render(RenderPack rp) =>
        Dashed(rp.Canvas, xs.Zip(ys, (x, y) => Axes.GetPixel(new(x, y)).ToSKPoint()), color, width, dash);
}

/// <summary>Marks that are drawn whole at the edge of the data area too.</summary>
internal sealed class WholeMarkers(double[] xs, double[] ys)
    : ScottPlot.Plottables.Markers(new ScottPlot.DataSources.ScatterSourceDoubleArray(xs, ys))
{
    /// <inheritdoc />
    public override void Render(RenderPack rp)
    {
        rp.CanvasState.DisableClipping();
        base.Render(rp);
    }

    /// <summary>These marks in a style.</summary>
    public WholeMarkers With(MarkerStyle style)
    {
        MarkerStyle = style;
        return this;
    }
}

/// <summary>Letters stand where the font says, not on whole pixels, where they are spaced unevenly.</summary>
internal sealed class ExactGlyphs : IRenderAction
{
    /// <inheritdoc />
    public void Render(RenderPack rp) => (rp.Paint.SKFont.LinearMetrics, rp.Paint.SKFont.Hinting) = (true, SKFontHinting.None);
}

/// <summary>A panel's heading, above its data area: what it shows, and behind it, or below where that does not fit, of what.</summary>
/// <param name="what">Bold.</param>
/// <param name="where">Of less weight; may be empty.</param>
/// <param name="width">Pixels that it may take.</param>
/// <param name="theme">Colours.</param>
internal sealed class PanelHeading(string what, string where, float width, Theme theme) : PixelDrawing
{
    private const float Space = 6, LineHeight = 14, Around = 14;
    private readonly IReadOnlyList<string> above = Lines.Of(what, width, Theme.Heading, bold: true);

    /// <summary>Its height in pixels.</summary>
    public float Height => Around + (LineHeight * (above.Count + Below.Count));

    private float Indent => EmbeddedFont.Width(above[^1], Theme.Heading, bold: true) + Space;

    private bool IsBeside => where.Length > 0 && EmbeddedFont.Width(where, Theme.Label) <= width - Indent;

    private IReadOnlyList<string> Below => where.Length == 0 || IsBeside ? [] : Lines.Of(where, width, Theme.Label);

    /// <inheritdoc />
    public override void Render(RenderPack rp)
    {
        rp.CanvasState.DisableClipping();
        var (x, y) = (rp.DataRect.Left, rp.DataRect.Top - 10 - (LineHeight * (above.Count + Below.Count - 1)));
        foreach (var line in above)
        {
            Text(rp.Canvas, line, x, y, Theme.Heading, theme.Ink, bold: true);
            y += LineHeight;
        }

        if (IsBeside) Text(rp.Canvas, where, x + Indent, y - LineHeight, Theme.Label, theme.Soft);
        foreach (var line in Below)
        {
            Text(rp.Canvas, line, x, y, Theme.Label, theme.Soft);
            y += LineHeight;
        }
    }
}
