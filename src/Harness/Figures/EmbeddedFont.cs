using ScottPlot;
using SkiaSharp;

namespace Harness.Figures;

/// <summary>
/// Inter, from this assembly: never the machine's fonts, of which there may be none, and then text would vanish without a word.
/// </summary>
internal static class EmbeddedFont
{
    /// <summary>The family's name, which ScottPlot is told.</summary>
    public const string Family = "Inter";

    private static readonly Lazy<SKTypeface> Regular = new(() => Load("Inter-Regular.ttf")),
        SemiBold = new(() => Load("Inter-SemiBold.ttf"));
    private static readonly Lazy<bool> Used = new(UseOnce);

    /// <summary>Makes it ScottPlot's only font. Must run before anything else of ScottPlot; further calls do nothing.</summary>
    public static void Use() => _ = Used.Value;

    /// <summary>The font's face.</summary>
    public static SKTypeface Face(bool bold) => (bold ? SemiBold : Regular).Value;

    /// <summary>A face of a size in pixels; glyphs stand where the font says, not on whole pixels. The caller disposes it.</summary>
    public static SKFont Of(float size, bool bold = false) =>
        new(Face(bold), size) { Subpixel = true, LinearMetrics = true, Hinting = SKFontHinting.None };

    /// <summary>Width of a text in pixels.</summary>
    public static float Width(string text, float size, bool bold = false)
    {
        using var font = Of(size, bold);
        return font.MeasureText(text);
    }

    private static bool UseOnce()
    {
        ScottPlot.Fonts.FontResolvers.Clear();
        ScottPlot.Fonts.FontResolvers.Add(new Resolver());
        ScottPlot.Fonts.Default = ScottPlot.Fonts.Sans = ScottPlot.Fonts.Serif = ScottPlot.Fonts.Monospace = Family;
        return true;
    }

    private static SKTypeface Load(string resource)
    {
        using var stream = typeof(EmbeddedFont).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"no embedded font {resource}");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    }

    private sealed class Resolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            Face(weight >= FontWeight.SemiBold);

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => Face(bold);
    }
}
