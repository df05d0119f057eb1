using System.Globalization;
using System.Text;
using System.Xml.Linq;
using SkiaSharp;

namespace Harness.Figures.Drawing;

/// <summary>
/// Turns Skia's SVG into one that looks the same everywhere and tells what it shows: text becomes outlines of the embedded font, each glyph
/// defined once; the words stay as <c>aria-label</c>; <c>title</c>, <c>desc</c> and <c>viewBox</c> are added.
/// </summary>
internal static class SvgFile
{
    // Outlines are in thousandths of a letter's size.
    private const float Em = 1000;
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg", Link = "http://www.w3.org/1999/xlink";

    /// <summary>The finished file, with a final line feed.</summary>
    /// <param name="xml">What Skia wrote.</param>
    /// <param name="title">Its title.</param>
    /// <param name="description">What it shows, for those who cannot see it.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <exception cref="InvalidDataException">Skia placed another number of glyphs than the text has.</exception>
    public static string Finish(string xml, string title, string description, float width, float height)
    {
        var root = XDocument.Parse(xml).Root!;
        root.SetAttributeValue("viewBox", $"0 0 {Number(width)} {Number(height)}");
        root.SetAttributeValue("role", "img");
        root.SetAttributeValue("aria-labelledby", "title desc");
        root.Elements(Svg + "rect").First().Remove(); // Multiplot clears with it, in black
        Renumber(root);
        var glyphs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in root.Descendants(Svg + "text").ToList()) text.ReplaceWith(Outlined(text, glyphs));
        root.AddFirst(
            new XElement(Svg + "title", new XAttribute("id", "title"), title),
            new XElement(Svg + "desc", new XAttribute("id", "desc"), description),
            new XElement(Svg + "defs", glyphs.Where(glyph => glyph.Value.Length > 0)
                .Select(glyph => new XElement(Svg + "path", new XAttribute("id", glyph.Key), new XAttribute("d", glyph.Value)))));
        return root.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    // Skia counts its clips over all drawings of the process.
    private static void Renumber(XElement root)
    {
        var names = root.Descendants().Select(element => (string?)element.Attribute("id")).OfType<string>()
            .Index().ToDictionary(id => $"url(#{id.Item})", id => $"c{id.Index}", StringComparer.Ordinal);
        foreach (var attribute in root.Descendants().SelectMany(element => element.Attributes()).ToList())
        {
            if (attribute.Name == "id") attribute.Value = names[$"url(#{attribute.Value})"];
            else if (names.TryGetValue(attribute.Value, out var name)) attribute.Value = $"url(#{name})";
        }
    }

    private static XElement Outlined(XElement text, SortedDictionary<string, string> glyphs)
    {
        var size = float.Parse((string)text.Attribute("font-size")!, CultureInfo.InvariantCulture);
        var bold = text.Attribute("font-weight") is not null; // Skia names every weight but the normal one
        var (xs, ys) = (Numbers(text, "x"), Numbers(text, "y"));
        var words = text.Value.Trim('\n', '\t'); // Skia indents the text itself
        var group = new XElement(
            Svg + "g", text.Attributes().Where(attribute => attribute.Name.LocalName is "fill" or "fill-opacity" or "transform"),
                new XAttribute("aria-label", words));
        using var font = new SKFont(EmbeddedFont.Face(bold), Em);
        var ids = font.GetGlyphs(words);
        if (xs.Length != 1 && xs.Length != ids.Length)
            throw new InvalidDataException($"'{words}': {ids.Length} glyphs, {xs.Length} places");
        foreach (var (place, id) in ids.Index())
        {
            var name = $"{(bold ? 'b' : 'r')}{id}";
            if (!glyphs.TryGetValue(name, out var outline))
            {
                using var path = font.GetGlyphPath(id);
                glyphs[name] = outline = path is null || path.IsEmpty ? "" : Data(path);
            }

            if (outline.Length == 0) continue;
            var (x, y) = (xs[Math.Min(place, xs.Length - 1)], ys[Math.Min(place, ys.Length - 1)]);
            group.Add(new XElement(Svg + "use", new XAttribute(Link + "href", $"#{name}"),
                new XAttribute("transform", $"translate({Number(x)} {Number(y)})scale({Number(size / Em, 5)})")));
        }

        return group;
    }

    // A path's data in whole thousandths.
    private static string Data(SKPath path)
    {
        var data = new StringBuilder();
        var points = new SKPoint[4];
        using var iterator = path.CreateRawIterator();
        string At(params int[] places) =>
            string.Join(' ', places.Select(place => $"{Number(points[place].X, 0)} {Number(points[place].Y, 0)}"));
        for (var verb = iterator.Next(points); verb != SKPathVerb.Done; verb = iterator.Next(points))
        {
            data.Append(verb switch
            {
                SKPathVerb.Move => $"M{At(0)}",
                SKPathVerb.Line => $"L{At(1)}",
                SKPathVerb.Quad => $"Q{At(1, 2)}",
                SKPathVerb.Cubic => $"C{At(1, 2, 3)}",
                SKPathVerb.Close => "Z",
                _ => throw new InvalidDataException($"a glyph with a segment of kind {verb}"),
            });
        }

        return data.ToString();
    }

    private static float[] Numbers(XElement element, string attribute) => (string?)element.Attribute(attribute) is { } list
        ? [.. list.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(number => float.Parse(number, CultureInfo.InvariantCulture))]
        : [0];

    private static string Number(float value, int digits = 3) => MathF.Round(value, digits).ToString(CultureInfo.InvariantCulture);
}
