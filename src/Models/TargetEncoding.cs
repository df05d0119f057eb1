using Harness.Models.Templates;
using Harness.Models.Tokenizers;

namespace Harness.Models;

/// <summary>The one way in which a prompt and its target become token ids.</summary>
public static class TargetEncoding
{
    /// <summary>
    /// The tokenizer's prefix + ids of the prompt + ids of the target + EOS if wanted. The target gets one leading space, from here or from
    /// the tokenizer itself, unless the prompt ends in white space or in a special token, as those of chats do. Prompt and target are encoded apart,
    /// so the prompt's ids do not depend on the target, and nothing is decoded and encoded again.
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

        var after = EndsApart(tokenizer, prompt, before[^1]) ? Joined(tokenizer, prompt, target) : Spaced(tokenizer, target);
        return new Sequence(appendEos ? [.. before, .. after, tokenizer.EosId] : [.. before, .. after], before.Length);
    }

    private static bool EndsApart(BpeTokenizer tokenizer, string prompt, int last) =>
        prompt.Length > 0 && (PythonText.IsSpace(prompt[^1]) || tokenizer.IsSpecial(last));

    private static IReadOnlyList<int> Spaced(BpeTokenizer tokenizer, string target)
    {
        var bare = target.StartsWith(' ') ? target[1..] : target;
        return tokenizer.EncodeToIds(tokenizer.PrependsSpace ? bare : " " + bare);
    }

    // As the tokenizer goes on behind the prompt: where it puts a space before texts, none is put between the two.
    private static IReadOnlyList<int> Joined(BpeTokenizer tokenizer, string prompt, string target)
    {
        var (before, whole) = (tokenizer.EncodeToIds(prompt), tokenizer.EncodeToIds(prompt + target));
        return whole.Take(before.Count).SequenceEqual(before) && whole.Count > before.Count
            ? [.. whole.Skip(before.Count)]
            : tokenizer.EncodeToIds(target);
    }
}
