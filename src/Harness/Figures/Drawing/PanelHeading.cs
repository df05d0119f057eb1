using ScottPlot;

namespace Harness.Figures.Drawing;

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
