using ScottPlot;
using SkiaSharp;

namespace Harness.Figures.Drawing;

/// <summary>Title, subtitle and one legend over all panels of a page.</summary>
internal sealed class Header(string title, IReadOnlyList<string> subtitle, IReadOnlyList<LegendEntry> legend, Theme theme) : PixelDrawing
{
    // Pixels: of a sample, of a colour key, between entries, from one line to the next.
    private const float Sample = 18, KeyWidth = 100, Gap = 16, LineHeight = 15, LegendHeight = 18;
    private const int KeySteps = 25;

    /// <summary>Its height in pixels.</summary>
    public float Height => Layout(null);

    /// <inheritdoc />
    public override void Render(RenderPack rp)
    {
        rp.CanvasState.DisableClipping();
        Layout(rp);
    }

    // Draws where there is something to draw on, and says in either case where it ends.
    private float Layout(RenderPack? rp)
    {
        const float Room = Page.Width - (2 * Page.Margin);
        var y = Page.Margin - 4;
        foreach (var line in Lines.Of(title, Room, Theme.Title, bold: true))
        {
            y += Theme.Title + 4;
            if (rp is not null) Text(rp.Canvas, line, Page.Margin, y, Theme.Title, theme.Ink, bold: true);
        }

        y += 4;
        foreach (var line in subtitle.SelectMany(text => Lines.Of(text, Room, Theme.Label)))
        {
            y += LineHeight;
            if (rp is not null) Text(rp.Canvas, line, Page.Margin, y, Theme.Label, theme.Soft);
        }

        if (legend.Count == 0) return y + 10;
        y += LegendHeight + 6;
        var x = Page.Margin;
        foreach (var entry in legend)
        {
            var width = WidthOf(entry);
            if (x + width > Page.Width - Page.Margin && x > Page.Margin) (x, y) = (Page.Margin, y + LegendHeight);
            if (rp is not null) Draw(rp, entry, x, y);
            x += width + Gap;
        }

        return y + 10;
    }

    private static float WidthOf(LegendEntry entry) => EmbeddedFont.Width(entry.Text, Theme.Label)
        + (entry.Key is null ? Sample + 5 : EmbeddedFont.Width(entry.KeyStart, Theme.Label) + KeyWidth + 12);

    private void Draw(RenderPack rp, LegendEntry entry, float x, float y)
    {
        var (canvas, middle) = (rp.Canvas, y - 4);
        if (entry.Key is { } key)
        {
            Text(canvas, entry.KeyStart, x, y, Theme.Label, theme.Ink);
            var start = x + EmbeddedFont.Width(entry.KeyStart, Theme.Label) + 6;
            foreach (var step in Enumerable.Range(0, KeySteps))
                Fill(canvas, start + (step * KeyWidth / KeySteps), y - 9, (KeyWidth / KeySteps) + 0.1f, 10,
                    key.GetColor(step / (KeySteps - 1.0)));
            Text(canvas, entry.Text, start + KeyWidth + 6, y, Theme.Label, theme.Ink);
            return;
        }

        if (entry.Band is { } band) Fill(canvas, x, y - 9, Sample, 10, band);
        if (entry.Swatch is { } swatch) Fill(canvas, x + 4, y - 9.5f, 11, 11, swatch);
        if (entry.Line is { } line)
        {
            if (entry.Dash is { } dash) Dashed(canvas, [new(x, middle), new(x + Sample, middle)], line, entry.LineWidth, dash);
            else Fill(canvas, x, middle - (entry.LineWidth / 2), Sample, entry.LineWidth, line);
        }

        if (entry.Marker is { } marker) marker.Render(canvas, new Pixel(x + (Sample / 2), middle), rp.Paint);
        if (entry.Sample is { } sample) Text(canvas, sample, x, y, Theme.Small, theme.Soft);
        Text(canvas, entry.Text, x + Sample + 5, y, Theme.Label, theme.Ink);
    }

    private static void Fill(SKCanvas canvas, float x, float y, float width, float height, Color color)
    {
        using var ink = Ink(color);
        canvas.DrawRect(x, y, width, height, ink);
    }
}

/// <summary>One line of a legend: a sample of what is drawn, and what it means.</summary>
/// <param name="Text">What it means; for a colour key the number at its right end, with the unit.</param>
internal sealed record LegendEntry(string Text)
{
    /// <summary>Colour of bars.</summary>
    public Color? Swatch { get; init; }

    /// <summary>Colour of a band.</summary>
    public Color? Band { get; init; }

    /// <summary>Colour of a line.</summary>
    public Color? Line { get; init; }

    /// <summary>Width of the line in pixels.</summary>
    public float LineWidth { get; init; } = 2;

    /// <summary>Dashes of the line and gaps between them in pixels; null for an unbroken one.</summary>
    public (float On, float Off)? Dash { get; init; }

    /// <summary>A mark.</summary>
    public MarkerStyle? Marker { get; init; }

    /// <summary>A word that stands for what is explained.</summary>
    public string? Sample { get; init; }

    /// <summary>Colours of a key, left to right.</summary>
    public IColormap? Key { get; init; }

    /// <summary>What stands left of a colour key.</summary>
    public string KeyStart { get; init; } = "";

    /// <summary>The entry in words.</summary>
    public override string ToString() => Key is null ? (Sample is null ? Text : $"{Sample}: {Text}") : $"{KeyStart} to {Text}";
}
