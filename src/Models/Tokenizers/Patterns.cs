using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Harness.Models.Json;

namespace Harness.Models.Tokenizers;

/// <summary>What a Split splits at and a Replace replaces.</summary>
internal interface IPattern
{
    /// <summary>
    /// Adds the matches in a text of whole characters, in order; none overlap, and one may be empty where the pattern allows it.
    /// </summary>
    void Find(ReadOnlySpan<char> text, List<(int Start, int End)> matches);
}

/// <summary>Matches a text that is not empty, as it stands.</summary>
internal sealed class LiteralPattern(string literal) : IPattern
{
    public string Literal => literal;

    public void Find(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        for (var from = 0; text[from..].IndexOf(literal, StringComparison.Ordinal) is >= 0 and var offset; from = matches[^1].End)
        {
            matches.Add((from + offset, from + offset + literal.Length));
        }
    }
}

/// <summary>An expression that sees Unicode scalars, as Oniguruma does, where .NET's own sees UTF-16 units.</summary>
/// <param name="expression">In .NET's syntax.</param>
/// <param name="source">File and component that it comes from, for errors.</param>
internal sealed class ScalarRegex(Regex expression, string source) : IPattern
{
    // Ordinary expressions need microseconds for a match; one that needs this long never ends. Changes no result.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="NotSupportedException">The expression has something that cannot be followed; the message says what.</exception>
    public static ScalarRegex Create(string oniguruma, string source)
    {
        try
        {
            var translated = OnigurumaSyntax.Translate(oniguruma);
            return new(new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.Compiled, Patience), source);
        }
        catch (ArgumentException exception)
        {
            throw new NotSupportedException($"an expression that makes no sense ({exception.Message.TrimEnd('.')})", exception);
        }
    }

    public void Find(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        var proxy = ScalarProxy.Of(text, out var indices);
        var last = -1;
        try
        {
            foreach (var match in expression.EnumerateMatches(proxy))
            {
                // Oniguruma takes no empty match right behind another match.
                var end = match.Index + match.Length;
                if (match.Length == 0 && match.Index == last) continue;
                matches.Add(indices is null ? (match.Index, end) : (indices[match.Index], indices[end]));
                last = end;
            }
        }
        catch (RegexMatchTimeoutException exception)
        {
            var seconds = exception.MatchTimeout.TotalSeconds;
            var found = $"an expression that takes more than {seconds:0.##} s for one match in {text.Length} characters";
            throw new InputException($"{source}: found {found}, expected one that ends; use a tokenizer that can be trusted", exception);
        }
    }
}

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

/// <summary>Reads what a Split or a Replace looks for.</summary>
internal static class Patterns
{
    public static IPattern Read(JsonPlace place)
    {
        if (place.Only("String", "Regex").Fields.ToArray() is not [var (kind, pattern)]) throw place.Wrong("String or Regex");
        var text = pattern.Text();
        if (text.Length == 0) throw pattern.Unsupported("no text", "some text");
        if (kind == "String") return new LiteralPattern(text);
        try
        {
            return ScalarRegex.Create(text, place.Where);
        }
        catch (NotSupportedException exception)
        {
            throw pattern.Unsupported($"{exception.Message} in {pattern.Shown()}", "what those tokenizers use");
        }
    }
}
