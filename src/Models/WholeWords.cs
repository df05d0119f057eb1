using System.Buffers;
using System.Globalization;
using System.Text;
using Harness.Models.Tokenizers;
using Harness.Models.Tokenizers.Normalizers;

namespace Harness;

/// <summary>Finds words in a text that are not parts of longer ones. Where a script writes no spaces, any place may be a word's end.</summary>
public static class WholeWords
{
    private static readonly UnicodeForm Composed = new(composes: true, compatible: false);

    // Han, Kana, Thai, Lao, Tibetan, Burmese and Khmer write no spaces; in Hangul, particles join a noun.
    private static readonly (int First, int Last)[] WithoutSpaces =
    [
        (0x0E00, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3040, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
        (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0xFF66, 0xFFDC), (0x20000, 0x3FFFF),
    ];

    /// <summary>Index in UTF-16 units of the first occurrence, of the very same characters, or −1.</summary>
    public static int IndexOf(string text, string words)
    {
        if (words.Length == 0) return -1;
        var at = text.IndexOf(words, StringComparison.Ordinal);
        while (at >= 0 && (IsInsideWord(text, at) || IsInsideWord(text, at + words.Length)))
            at = text.IndexOf(words, at + 1, StringComparison.Ordinal);
        return at;
    }

    /// <summary>
    /// For errors, why words that a reader may see in a text are not found there: " (only inside 'Annapolis')",
    /// " (there with U+0065 U+0301 in the place of U+00E9)"; or nothing.
    /// </summary>
    public static string Explain(string text, string words)
    {
        if (words.Length == 0) return "";
        var at = text.IndexOf(words, StringComparison.Ordinal);
        return at >= 0 ? $" (only inside '{Around(text, at, at + words.Length)}')" : ExplainSpelling(text, words);
    }

    private static bool IsInsideWord(string text, int at)
    {
        var hasBefore = Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out var before, out _) == OperationStatus.Done;
        if (!hasBefore || Rune.DecodeFromUtf16(text.AsSpan(at), out var behind, out _) != OperationStatus.Done) return false;
        return WordCharacter.Joins(behind) || (WordCharacter.Is(before) && WordCharacter.Is(behind) && !Separates(before) && !Separates(behind));
    }

    private static bool Separates(Rune rune) => Array.Exists(WithoutSpaces, range => rune.Value >= range.First && rune.Value <= range.Last);

    // The words that a part of a text is inside of.
    private static string Around(string text, int start, int end)
    {
        while (start > 0 && IsInsideWord(text, start)) start -= char.IsLowSurrogate(text[start - 1]) ? 2 : 1;
        while (end < text.Length && IsInsideWord(text, end)) end += char.IsHighSurrogate(text[end]) ? 2 : 1;
        return text[start..end];
    }

    // The same characters in Unicode's sense, composed in one and not in the other.
    private static string ExplainSpelling(string text, string words)
    {
        var composed = Composed.Normalize(new TracedText(text, Extent.OfScalars(text, 0)));
        var sought = Composed.Normalize(words);
        var at = composed.Text.IndexOf(sought, StringComparison.Ordinal);
        if (at < 0) return "";
        var origin = Extent.Around(composed.Origins.AsSpan(at, sought.Length));
        var there = text.AsSpan(origin.Start..origin.End);
        var same = there.CommonPrefixLength(words);
        var rest = words.AsSpan(same);
        there = there[same..];
        var behind = 0;
        while (behind < Math.Min(rest.Length, there.Length) - 1 && rest[^(behind + 1)] == there[^(behind + 1)]) behind++;
        return $" (there with {Named(there[..^behind])} in the place of {Named(rest[..^behind])})";
    }

    private static string Named(ReadOnlySpan<char> text)
    {
        var names = new List<string>();
        foreach (var rune in text.EnumerateRunes()) names.Add($"U+{rune.Value.ToString("X4", CultureInfo.InvariantCulture)}");
        return string.Join(' ', names);
    }
}
