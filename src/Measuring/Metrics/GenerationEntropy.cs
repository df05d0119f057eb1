using System.Text;
using Harness.Editing;
using Harness.Measuring.Data;
using Harness.Models.Tokenizers;

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

/// <summary>
/// Lets a model write about the subjects of cases. Texts are greedy, where ROME and MEMIT sample among the five likeliest tokens, and, as
/// theirs, go on past an end-of-text token.
/// </summary>
/// <param name="model">The model as it stands.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="tokens">As in <see cref="ScoringOptions.GenerationTokens"/>.</param>
internal sealed class TextGenerator(EditedModel model, BpeTokenizer tokenizer, int tokens)
{
    /// <summary>
    /// Texts of each case, prompts included, one for each generation prompt, or one for the edit prompt where there are none.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Write(IReadOnlyList<EditCase> cases, CancellationToken cancellation)
    {
        var length = Math.Min(tokens, model.Model.Config.MaxPositions);
        var prompts = cases.Select(edit => edit.GenerationPrompts.Count > 0 ? edit.GenerationPrompts : [edit.Prompt]).ToList();
        IReadOnlyList<int>[] ids =
            [.. prompts.SelectMany(list => list)
                .Select(prompt => (IReadOnlyList<int>)[.. tokenizer.Prefix, .. tokenizer.EncodeToIds(prompt)])];
        if (ids.Length == 0) return [];

        // All in one call with the room of the shortest prompt; longer ones are cut to theirs.
        var answers = model.Decode(ids, Math.Max(1, length - ids.Min(prompt => prompt.Count)), _ => false, cancellation);
        var next = 0;
        return [.. prompts.Select(
            list => list.Select(prompt => Text(prompt, answers[next], Math.Max(1, length - ids[next++].Count))).ToList())];
    }

    private string Text(string prompt, IReadOnlyList<int> answer, int room) => prompt + tokenizer.Decode(
        answer.Take(room).Where(id => id < tokenizer.VocabularySize && !tokenizer.StopIds.Contains(id)));
}
