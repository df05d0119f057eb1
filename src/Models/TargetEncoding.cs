using Harness.Models.Tokenizers;

namespace Harness.Models;

/// <summary>The one way in which a prompt and its target become token ids.</summary>
public static class TargetEncoding
{
    /// <summary>
    /// The tokenizer's prefix + ids of the prompt + ids of the target + EOS if wanted. The target gets one leading space, from here or from
    /// the tokenizer itself. Prompt and target are encoded apart, so the prompt's ids do not depend on the target, and nothing is decoded
    /// and encoded again.
    /// </summary>
    /// <exception cref="InputException">There is nothing before the target: no prefix and an empty prompt.</exception>
    public static Sequence Encode(BpeTokenizer tokenizer, string prompt, string target, bool appendEos)
    {
        int[] before = [.. tokenizer.Prefix, .. tokenizer.EncodeToIds(prompt)];
        if (before.Length == 0)
        {
            throw new InputException(
                $"found an empty prompt for the target '{target}', expected text, as this tokenizer puts nothing before it; correct the record");
        }

        var bare = target.StartsWith(' ') ? target[1..] : target;
        var after = tokenizer.EncodeToIds(tokenizer.PrependsSpace ? bare : " " + bare);
        return new Sequence(appendEos ? [.. before, .. after, tokenizer.EosId] : [.. before, .. after], before.Length);
    }
}
