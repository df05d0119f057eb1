using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Capability;

/// <summary>
/// A text of any length as sequences that fit a model and predict each of its tokens once, as lm-evaluation-harness's
/// <c>loglikelihood_rolling</c> cuts it.
/// </summary>
public static class RollingWindows
{
    /// <summary>
    /// Windows of as many tokens as the model has positions, one behind the other. The first token is predicted from
    /// <paramref name="first"/>, that of every further full window from the one before it; the last window, where it is shorter, has the
    /// tokens before it as context, as many as there is room for.
    /// </summary>
    /// <param name="ids">Tokens to predict, at least one.</param>
    /// <param name="first">What stands before the first; see <see cref="FirstId"/>.</param>
    /// <param name="positions">The model's positions, at least 1.</param>
    public static IReadOnlyList<Sequence> Of(IReadOnlyList<int> ids, int first, int positions)
    {
        int[] all = [first, .. ids];
        var windows = new List<Sequence>();
        for (var predicted = 0; predicted < ids.Count;)
        {
            var count = Math.Min(ids.Count - predicted, positions);
            var end = predicted + count;

            // Index i of a text's token is i + 1 of all; the inputs are the tokens before each predicted one.
            var start = windows.Count == 0 ? 0 : end - positions;
            windows.Add(new Sequence(all[start..(end + 1)], end + 1 - count - start));
            predicted = end;
        }

        return windows;
    }

    /// <summary>
    /// A text's ids behind the tokenizer's own prefix, which is left out where the text begins with <see cref="FirstId"/> itself.
    /// </summary>
    internal static int[] WithPrefix(BpeTokenizer tokenizer, string text)
    {
        var ids = tokenizer.EncodeToIds(text);
        return ids.Count > 0 && ids[0] == FirstId(tokenizer) ? [.. ids] : [.. tokenizer.Prefix, .. ids];
    }

    /// <summary>The id before a text: the one that begins texts, else the one that ends them.</summary>
    public static int FirstId(BpeTokenizer tokenizer) => tokenizer.BosId ?? tokenizer.EosId;
}
