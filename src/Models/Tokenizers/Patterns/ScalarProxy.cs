using System.Globalization;
using System.Text;

namespace Harness.Models.Tokenizers.Patterns;

/// <summary>
/// A text with one char per Unicode scalar, for expressions that see chars: what lies outside the basic plane is stood for by a char of the
/// same general category. .NET's categories are those of Unicode 16, as are Oniguruma's in Hugging Face's library.
/// </summary>
internal static class ScalarProxy
{
    /// <summary>Categories that no scalar outside the basic plane has: nothing needs to stand for them.</summary>
    public static readonly IReadOnlyList<UnicodeCategory> BasicPlaneOnly =
    [
        UnicodeCategory.SpaceSeparator, UnicodeCategory.LineSeparator, UnicodeCategory.ParagraphSeparator, UnicodeCategory.Control,
        UnicodeCategory.Surrogate, UnicodeCategory.TitlecaseLetter, UnicodeCategory.EnclosingMark, UnicodeCategory.ConnectorPunctuation,
        UnicodeCategory.OpenPunctuation, UnicodeCategory.ClosePunctuation, UnicodeCategory.InitialQuotePunctuation,
        UnicodeCategory.FinalQuotePunctuation,
    ];

    private static readonly char[] StandIns = MakeStandIns();

    /// <summary>Whether a range of chars holds one that stands for others: an expression that names it could not tell them apart.</summary>
    public static bool HasStandIn(char first, char last) => StandIns.Index()
        .Any(pair => pair.Item >= first && pair.Item <= last && !BasicPlaneOnly.Contains((UnicodeCategory)pair.Index));

    /// <summary>
    /// Gives the proxy and, where it differs from the text, the text's index of each of the proxy's chars and of its end.
    /// </summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> text, out int[]? indices)
    {
        indices = null;
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF')) return text;
        var proxy = new char[text.Length];
        indices = new int[text.Length + 1];
        var (length, index) = (0, 0);
        while (index < text.Length)
        {
            Rune.DecodeFromUtf16(text[index..], out var rune, out var width);
            indices[length] = index;
            proxy[length++] = rune.IsBmp ? (char)rune.Value : StandIns[(int)Rune.GetUnicodeCategory(rune)];
            index += width;
        }

        indices[length] = index;
        return proxy.AsSpan(0, length);
    }

    // The last char of each category: full-width and compatibility forms and the like, which expressions do not name.
    private static char[] MakeStandIns()
    {
        var result = new char[Enum.GetValues<UnicodeCategory>().Length];
        for (var value = 0; value <= char.MaxValue; value++) result[(int)char.GetUnicodeCategory((char)value)] = (char)value;
        return result;
    }
}
