using System.Globalization;
using System.Text;
using Harness.Models.Tokenizers;

namespace Harness.Models.Text;

/// <summary>Texts as a reader sees them: code points apart, and yet the same on a screen.</summary>
public static class SeenText
{
    private const int MostPlaces = 3, MostApart = 32;
    private static readonly UnicodeForm Composed = new(composes: true, compatible: false);

    // Soft hyphen, grapheme joiner, marks of direction, fillers, Khmer's unseen vowels, zero-width spaces, invisible operators, byte order
    // mark, annotations, tags; other joiners are of words and of emoji.
    private static readonly (int First, int Last)[] Unseen =
    [
        (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180E, 0x180E), (0x200B, 0x200B),
            (0x200E, 0x200F),
        (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
    ];

    /// <summary>
    /// Equal for texts that ask the same: in NFC, with one space for any white space and none around, without what is not seen, in one
    /// case.
    /// </summary>
    public static string Key(string text) => Of(text).Text.Trim().ToUpperInvariant().ToLowerInvariant();

    /// <summary>The characters of a text that cannot be seen, each once: "U+200B, U+FEFF"; or nothing.</summary>
    public static string Hidden(string text) => string.Join(", ", text.EnumerateRunes().Where(IsHidden).Distinct().Select(Name));

    /// <summary>A text for one line of a message: what would end the line, or the eye passes over, by its sign or its code point.</summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var breaks = Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029;
            line.Append(rune.Value == '\n' ? "↵" : breaks || IsHidden(rune) ? $"<{Name(rune)}>" : rune.ToString());
        }

        return line.ToString();
    }

    /// <summary>The beginning of a text: as many UTF-16 units as are wanted, but no half of a character; or all of it.</summary>
    public static string Start(string text, int most) =>
        text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>The same with "…" behind it where that is not all of the text.</summary>
    public static string Cut(string text, int most) => text.Length <= most ? text : Start(text, most) + "…";

    /// <summary>
    /// For messages, in which characters one text differs from another that looks like it: " (with U+0065 U+0301 in the place of U+00E9)";
    /// nothing where they are the same, or where one sees it.
    /// </summary>
    public static string Difference(string there, string here) =>
        there != here && Of(there).Text.Trim() == Of(here).Text.Trim() ? $" (with {Instead(there, here)})" : "";

    /// <summary>
    /// The characters of one text that stand in the place of those of another, each once: "U+0065 U+0301 in the place of U+00E9, U+00A0 in
    /// the place of U+0020".
    /// </summary>
    internal static string Instead(string there, string here)
    {
        Rune[] those = [.. there.EnumerateRunes()], these = [.. here.EnumerateRunes()];
        var places = new List<string>();
        for (var (i, j) = (0, 0); i < those.Length || j < these.Length;)
        {
            var same = those.AsSpan(i).CommonPrefixLength(these.AsSpan(j));
            (i, j) = (i + same, j + same);
            var (more, others) = Apart(those.AsSpan(i), these.AsSpan(j));
            if (more + others > 0) places.Add($"{Names(those[i..(i + more)])} in the place of {Names(these[j..(j + others)])}");
            (i, j) = (i + more, j + others);
        }

        string[] each = [.. places.Distinct()];
        return string.Join(", ", each.Take(MostPlaces)) + (each.Length > MostPlaces ? $" and {each.Length - MostPlaces} more" : "");

        static string Names(Rune[] runes) => runes.Length == 0 ? "nothing" : string.Join(' ', runes.Select(Name));
    }

    /// <summary>A text in NFC, with one space for any white space and without what is not seen.</summary>
    internal static TracedText Of(string text)
    {
        var source = Composed.Normalize(new TracedText(text, Extent.OfScalars(text, 0)));
        var seen = new TracedWriter(source);
        for (var at = 0; at < source.Text.Length;)
        {
            Rune.DecodeFromUtf16(source.Text.AsSpan(at), out var rune, out var width);
            var end = at + width;
            if (Rune.IsWhiteSpace(rune))
            {
                while (end < source.Text.Length && (char.IsWhiteSpace(source.Text[end]) || IsHidden(source.Text[end]))) end++;
                seen.Put(" ", at, end);
            }
            else if (!IsHidden(rune))
            {
                seen.Keep(at, end);
            }

            at = end;
        }

        return seen.ToText();
    }

    // How much of two texts is to be left out for them to go on alike, as little as that may be.
    private static (int There, int Here) Apart(ReadOnlySpan<Rune> there, ReadOnlySpan<Rune> here)
    {
        for (var total = 0; total < Math.Min(there.Length + here.Length, MostApart); total++)
        {
            for (var i = Math.Max(0, total - here.Length); i <= Math.Min(total, there.Length); i++)
            {
                var j = total - i;
                if (i == there.Length ? j == here.Length : j < here.Length && there[i] == here[j]) return (i, j);
            }
        }

        return (there.Length, here.Length);
    }

    private static bool IsHidden(Rune rune) => IsHidden(rune.Value);

    private static bool IsHidden(int value) => Array.Exists(Unseen, range => value >= range.First && value <= range.Last)
        || (value < 0x100 && char.IsControl((char)value) && !char.IsWhiteSpace((char)value));

    /// <summary>A character's code point: "U+200B".</summary>
    internal static string Name(Rune rune) => $"U+{rune.Value.ToString("X4", CultureInfo.InvariantCulture)}";
}
