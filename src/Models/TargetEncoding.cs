using Harness.Models.Tokenizers;

namespace Harness.Models;

/// <summary>The one way in which a prompt and its target become token ids.</summary>
public static class TargetEncoding
{
    /// <summary>
    /// The tokenizer's prefix + ids of the prompt + ids of the target + EOS if wanted. Where the rule puts a space it is the target's, from
    /// here or from the tokenizer itself; where it puts none, a tokenizer that puts one before texts does not. Behind a special token, with
    /// which templates of chats end, <see cref="TargetSpace.Auto"/> puts none. Prompt and target are encoded apart, so the prompt's ids do
    /// not depend on the target, and nothing is decoded and encoded again.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="prompt">The prompt, as it is written.</param>
    /// <param name="target">The target, as it is written.</param>
    /// <param name="appendEos">Whether the id that ends texts comes last.</param>
    /// <param name="space">Whether there is a space between them. Default <see cref="TargetSpace.Auto"/>.</param>
    /// <exception cref="InputException">There is nothing before the target: no prefix and an empty prompt.</exception>
    public static Sequence Encode(
        BpeTokenizer tokenizer, string prompt, string target, bool appendEos, TargetSpace space = TargetSpace.Auto)
    {
        int[] before = [.. tokenizer.Prefix, .. tokenizer.EncodeToIds(prompt)];
        if (before.Length == 0)
        {
            throw new InputException(
                $"found an empty prompt for the target '{target}', expected text, as this tokenizer puts nothing before it; " +
                    "correct the record");
        }

        var after = space == TargetSpace.Auto && prompt.Length > 0 && tokenizer.IsSpecial(before[^1]) ? Joined(tokenizer, prompt, target)
            : !space.Puts(prompt, target) ? tokenizer.EncodeContinuation(target)
            : tokenizer.EncodeToIds(tokenizer.PrependsSpace ? target : " " + target);
        return new Sequence(appendEos ? [.. before, .. after, tokenizer.EosId] : [.. before, .. after], before.Length);
    }

    // As the tokenizer goes on behind the prompt: one that puts a space before texts puts it behind special tokens too.
    private static IReadOnlyList<int> Joined(BpeTokenizer tokenizer, string prompt, string target)
    {
        var (before, whole) = (tokenizer.EncodeToIds(prompt), tokenizer.EncodeToIds(prompt + target));
        return whole.Take(before.Count).SequenceEqual(before) && whole.Count > before.Count
            ? [.. whole.Skip(before.Count)]
            : tokenizer.EncodeToIds(target);
    }
}
