using Harness.Models.Tokenizers;

namespace Harness.Models;

/// <summary>The one way in which a prompt and its target become token ids.</summary>
public static class TargetEncoding
{
    /// <summary>
    /// BOS + ids of the prompt + ids of the target + EOS if wanted. The target gets a leading space unless it has one. Prompt and target
    /// are encoded apart, so the prompt's ids do not depend on the target, and nothing is decoded and encoded again.
    /// </summary>
    public static Sequence Encode(BpeTokenizer tokenizer, string prompt, string target, bool appendEos)
    {
        int[] before = [tokenizer.BosId, .. tokenizer.EncodeToIds(prompt)];
        var after = tokenizer.EncodeToIds(target.StartsWith(' ') ? target : " " + target);
        return new Sequence(appendEos ? [.. before, .. after, tokenizer.EosId] : [.. before, .. after], before.Length);
    }
}
