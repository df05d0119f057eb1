using System.Buffers;
using System.Globalization;
using System.Text;
using Harness.Models.Tokenizers;

namespace Harness.Models.Text;

/// <summary>
/// Finds words in a text that are not parts of longer ones. Where a script writes no spaces, any place may be a word's end.
/// </summary>
public static class WholeWords
{
    // Han, Kana, Bopomofo, Thai, Lao, Tibetan, Burmese and Khmer.
    private static readonly (int First, int Last)[] WithoutSpaces =
    [
        (0x0E00, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3040, 0x312F), (0x3190, 0x31FF), (0x3400, 0x4DBF),
            (0x4E00, 0x9FFF),
        (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x3FFFF),
    ];

    // Words have spaces between them, but particles join a noun.
    private static readonly (int First, int Last)[] Hangul = [(0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7FF), (0xFFA0, 0xFFDC)];

    /// <summary>Index in UTF-16 units of the first occurrence, of the very same characters, or −1.</summary>
    public static int IndexOf(string text, string words) => Indices(text, words).FirstOrDefault(-1);

    /// <summary>Indices of all occurrences, which may overlap.</summary>
    public static IEnumerable<int> Indices(string text, string words)
    {
        for (var at = Next(0); at >= 0; at = Next(at + 1))
        {
            if (!IsInsideWord(text, at) && !IsInsideWord(text, at + words.Length)) yield return at;
        }

        int Next(int from) => words.Length == 0 ? -1 : text.IndexOf(words, from, StringComparison.Ordinal);
    }

    /// <summary>
    /// For errors, why words that a reader may see in a text are not found there: " (only inside 'Annapolis')",
    /// " (there with U+0065 U+0301 in the place of U+00E9)"; or nothing.
    /// </summary>
    public static string Explain(string text, string words)
    {
        if (words.Length == 0) return "";
        var at = text.IndexOf(words, StringComparison.Ordinal);
        if (at < 0) return ExplainSpelling(text, words);
        var (whole, end) = (Around(text, at, at + words.Length), at + words.Length);
        return Rune.DecodeFromUtf16(text.AsSpan(end), out var next, out _) == OperationStatus.Done && WordCharacter.Joins(next)
            ? $" (only with {SeenText.Name(next)} behind it, inside '{whole}')"
            : $" (only inside '{whole}')";
    }

    /// <summary>Whether a character is of a script that writes no spaces between words.</summary>
    internal static bool WritesNoSpaces(Rune rune) => IsIn(WithoutSpaces, rune);

    private static bool IsInsideWord(string text, int at)
    {
        var hasBefore = Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out var before, out _) == OperationStatus.Done;
        if (!hasBefore || Rune.DecodeFromUtf16(text.AsSpan(at), out var behind, out _) != OperationStatus.Done) return false;
        return WordCharacter.Joins(behind)
            || (WordCharacter.Is(before) && WordCharacter.Is(behind) && !Separates(before) && !Separates(behind));
    }

    private static bool Separates(Rune rune) => IsIn(WithoutSpaces, rune) || IsIn(Hangul, rune);

    private static bool IsIn((int First, int Last)[] ranges, Rune rune) =>
        Array.Exists(ranges, range => rune.Value >= range.First && rune.Value <= range.Last);

    // The words that a part of a text is inside of.
    private static string Around(string text, int start, int end)
    {
        while (start > 0 && IsInsideWord(text, start)) start -= char.IsLowSurrogate(text[start - 1]) ? 2 : 1;
        while (end < text.Length && IsInsideWord(text, end)) end += char.IsHighSurrogate(text[end]) ? 2 : 1;
        return text[start..end];
    }

    // What looks the same: composed in one and not in the other, with another space or with what cannot be seen.
    private static string ExplainSpelling(string text, string words)
    {
        var (seen, sought) = (SeenText.Of(text), SeenText.Of(words).Text);
        var at = sought.Length == 0 ? -1 : seen.Text.IndexOf(sought, StringComparison.Ordinal);
        if (at < 0) return "";
        var origin = Extent.Around(seen.Origins.AsSpan(at, sought.Length));
        return $" (there with {SeenText.Instead(text[origin.Start..origin.End], words)})";
    }
}

/// <summary>Unicode's \w (Technical Standard 18): alphabetic characters, marks, decimal digits, connectors, joiners.</summary>
internal static class WordCharacter
{
    /// <summary>Whether a character is of a word.</summary>
    public static bool Is(Rune rune) => Joins(rune) || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation => true,

        // Letters in circles and squares.
        _ => rune.Value is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169)
            or (>= 0x1F170 and <= 0x1F189),
    };

    /// <summary>Whether it is of the character before it: a mark or a joiner.</summary>
    public static bool Joins(Rune rune) => rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
