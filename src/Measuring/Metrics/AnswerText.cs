using System.Text;

namespace Harness.Measuring.Metrics;

/// <summary>The normalisation behind <c>wild-em</c>, as SQuAD's: lower case, no punctuation, no articles, white space folded.</summary>
public static class AnswerText
{
    private static readonly HashSet<string> Articles = ["a", "an", "the"];

    /// <summary>Normalised text; two answers match when their normalised texts are equal.</summary>
    public static string Normalise(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (var rune in text.ToLowerInvariant().EnumerateRunes().Where(rune => !IsAsciiPunctuation(rune)))
            letters.Append(rune.ToString());
        var words = letters.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Where(word => !Articles.Contains(word)));
    }

    /// <summary>What a greedy answer says: the text up to the first "." or newline.</summary>
    public static string UpToStop(string text) => text.IndexOfAny(['.', '\n']) is >= 0 and var stop ? text[..stop] : text;

    // Python's string.punctuation, which the published normalisers remove; other scripts' punctuation stays.
    private static bool IsAsciiPunctuation(Rune rune) =>
        rune.IsAscii && !Rune.IsLetterOrDigit(rune) && !Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune);
}
