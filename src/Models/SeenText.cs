using System.Globalization;
using System.Text;
using Harness.Models.Tokenizers;
using Harness.Models.Tokenizers.Normalizers;

namespace Harness;

/// <summary>Texts as a reader sees them: code points apart, and yet the same on a screen.</summary>
public static class SeenText
{
    private static readonly UnicodeForm Composed = new(composes: true, compatible: false);

    // Soft hyphen, marks of direction, zero-width spaces, invisible operators, byte order mark, annotations, tags; joiners are of words and of emoji.
    private static readonly (int First, int Last)[] Unseen =
    [
        (0x00AD, 0x00AD), (0x061C, 0x061C), (0x180E, 0x180E), (0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
        (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
    ];

    /// <summary>
    /// Equal for texts that ask the same: in NFC, with one space for any white space and none around, without what is not seen, in one case.
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

    /// <summary>
    /// For messages, in which characters one text differs from another that looks like it: " (with U+0065 U+0301 in the place of U+00E9)"; nothing
    /// where they are the same, or where one sees it.
    /// </summary>
    public static string Difference(string there, string here) =>
        there != here && Of(there).Text.Trim() == Of(here).Text.Trim() ? $" (with {Instead(there, here)})" : "";

    /// <summary>The characters of one text that stand in the place of those of another: "U+00E9 in the place of U+0065 U+0301".</summary>
    internal static string Instead(string there, string here)
    {
        Rune[] those = [.. there.EnumerateRunes()], these = [.. here.EnumerateRunes()];
        var same = those.AsSpan().CommonPrefixLength(these);
        (those, these) = (those[same..], these[same..]);
        var behind = 0;
        while (behind < Math.Min(those.Length, these.Length) - 1 && those[^(behind + 1)] == these[^(behind + 1)]) behind++;
        return $"{Names(those[..^behind])} in the place of {Names(these[..^behind])}";

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

    private static bool IsHidden(Rune rune) => IsHidden(rune.Value);

    private static bool IsHidden(int value) => Array.Exists(Unseen, range => value >= range.First && value <= range.Last)
        || (value < 0x100 && char.IsControl((char)value) && !char.IsWhiteSpace((char)value));

    private static string Name(Rune rune) => $"U+{rune.Value.ToString("X4", CultureInfo.InvariantCulture)}";
}
