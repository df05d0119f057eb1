using System.Globalization;
using System.Text;

namespace Harness.Models.Tokenizers;

/// <summary>
/// The pre-tokenisation of GPT-2, <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>, over Unicode scalars
/// (.NET's own expressions see UTF-16 units, and so take letters outside the basic plane for symbols). Merges never cross words.
/// </summary>
internal static class WordSplitter
{
    private enum Kind { Letter, Number, Space, Symbol }

    /// <summary>How many chars of a text that is not empty are its first word. Unpaired surrogates count as symbols.</summary>
    public static int FirstWord(ReadOnlySpan<char> text)
    {
        var contraction = Contraction(text);
        if (contraction > 0) return contraction;
        var kind = KindAt(text, 0, out var width);
        if (kind != Kind.Space) return EndOfRun(text, width, kind);
        if (text[0] == ' ' && text.Length > 1 && KindAt(text, 1, out width) is not Kind.Space and var next)
        {
            return EndOfRun(text, 1 + width, next);
        }

        // White space leaves its last character to the word behind it, where there is one. White space is always one char wide.
        var end = EndOfRun(text, 1, Kind.Space);
        return end == text.Length || end == 1 ? end : end - 1;
    }

    private static int Contraction(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '\'') return 0;
        if (text[1] is 's' or 't' or 'm' or 'd') return 2;
        return text.Length > 2 && text[1..3] is "re" or "ve" or "ll" ? 3 : 0;
    }

    private static int EndOfRun(ReadOnlySpan<char> text, int start, Kind kind)
    {
        while (start < text.Length && KindAt(text, start, out var width) == kind) start += width;
        return start;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, int index, out int width)
    {
        Rune.DecodeFromUtf16(text[index..], out var rune, out width);
        if (Rune.IsWhiteSpace(rune)) return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Symbol,
        };
    }
}
