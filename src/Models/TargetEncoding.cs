using System.Buffers;
using System.Globalization;
using System.Text;
using Harness.Models.Text;
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

/// <summary>Whether a space is put between a prompt and its target. Texts are otherwise joined as they are written.</summary>
public enum TargetSpace
{
    /// <summary>
    /// As one writes: a space, except where the prompt ends or the target begins with white space; where the target begins with a mark that
    /// stands close to the word before it; and where the prompt ends in a script without spaces, or in one of East Asia's marks. Behind
    /// other marks and digits the prompt's last letter and the target's first character decide: none where neither is of a script with
    /// spaces.
    /// </summary>
    Auto,

    /// <summary>One, unless the target brings it.</summary>
    Always,

    /// <summary>None but what the texts bring.</summary>
    Never,
}

/// <summary>What <see cref="TargetSpace"/> says of two texts.</summary>
public static class TargetSpaceRule
{
    // As the beginning of a word (.NET, !Kung) they have a space before them.
    private const string CloseUnlessAWord = ".,;:!?%…";

    // Arabic, Urdu, Devanagari, Armenian, Ethiopic, Khmer.
    private const string Close = "،؛؟٪٫٬۔।॥։՜՝՞።፣፤፥፦፧។៕";

    /// <summary>Whether a space is put between two texts.</summary>
    public static bool Puts(this TargetSpace rule, string prompt, string target)
    {
        if (rule == TargetSpace.Never) return false;
        if (Rune.DecodeFromUtf16(target, out var first, out var width) != OperationStatus.Done) return true;
        if (rule == TargetSpace.Always) return first.Value != ' ';
        if (Rune.DecodeLastFromUtf16(prompt, out var last, out _) != OperationStatus.Done) return true;
        if (Rune.IsWhiteSpace(last) || Rune.IsWhiteSpace(first) || IsClose(first, target.AsSpan(width))) return false;
        if (WholeWords.WritesNoSpaces(last) || IsEastAsianMark(last)) return false;
        if (IsLetter(last)) return true;
        var letter = prompt.EnumerateRunes().Where(IsLetter).Select(rune => (Rune?)rune).LastOrDefault();
        return !((letter is not { } some || WholeWords.WritesNoSpaces(some))
            && (WholeWords.WritesNoSpaces(first) || IsEastAsianMark(first)));
    }

    /// <summary>Both texts as one, by the rule.</summary>
    public static string Join(this TargetSpace rule, string prompt, string target) =>
        prompt + (rule.Puts(prompt, target) ? " " : "") + target;

    private static bool IsClose(Rune first, ReadOnlySpan<char> rest)
    {
        if (CloseUnlessAWord.Contains(first.ToString(), StringComparison.Ordinal))
            return Rune.DecodeFromUtf16(rest, out var next, out _) != OperationStatus.Done || !WordCharacter.Is(next);
        return Close.Contains(first.ToString(), StringComparison.Ordinal)
            || (IsEastAsianMark(first)
                && Rune.GetUnicodeCategory(first) is not (UnicodeCategory.OpenPunctuation or UnicodeCategory.InitialQuotePunctuation));
    }

    // The blocks of CJK symbols, vertical, small and full-width forms.
    private static bool IsEastAsianMark(Rune rune) => !WordCharacter.Is(rune)
        && rune.Value is (>= 0x3000 and <= 0x303F) or 0x30FB or (>= 0xFE10 and <= 0xFE1F) or (>= 0xFE30 and <= 0xFE6F)
            or (>= 0xFF01 and <= 0xFF65);

    private static bool IsLetter(Rune rune) => WordCharacter.Is(rune) && !Rune.IsDigit(rune) && rune.Value != '_';
}
