using System.Text;

namespace Harness.Measuring.Metrics;

/// <summary>
/// Fluency (ROME, section 3.4; Zhang et al. 2018): the mean of ⅔·H₂ and 4⁄3·H₃, the entropies in bits of a text's bigrams and trigrams of
/// words. A text that repeats itself has little.
/// </summary>
public static class GenerationEntropy
{
    private const double BigramWeight = 2.0 / 3;
    private const double TrigramWeight = 4.0 / 3;

    /// <summary>The weighted mean of a text, in bits; the papers' tables multiply it by 100.</summary>
    public static double Of(string text)
    {
        var words = Words(text);
        return ((BigramWeight * Entropy(words, 2)) + (TrigramWeight * Entropy(words, 3))) / 2;
    }

    /// <summary>Entropy in bits of the n-grams of some words; 0 where there are fewer than n.</summary>
    public static double Entropy(IReadOnlyList<string> words, int n)
    {
        var count = words.Count - n + 1;
        return count < 1 ? 0 : Enumerable.Range(0, count).CountBy(i => string.Join(' ', words.Skip(i).Take(n)), StringComparer.Ordinal)
            .Sum(gram => -(double)gram.Value / count * Math.Log2((double)gram.Value / count));
    }

    /// <summary>
    /// Runs of letters, digits and apostrophes; every other character but white space is a word of its own, as NLTK's are.
    /// </summary>
    public static IReadOnlyList<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is '\'' or '’' || IsMark(rune))
            {
                word.Append(rune.ToString());
                continue;
            }

            End();
            if (!Rune.IsWhiteSpace(rune)) words.Add(rune.ToString());
        }

        End();
        return words;

        void End()
        {
            if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
        }
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;
}
