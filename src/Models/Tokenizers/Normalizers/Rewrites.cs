using System.Text;
using Harness.Models.Tokenizers.Patterns;

namespace Harness.Models.Tokenizers.Normalizers;

/// <summary>One after the other; none leaves a text as it is.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<TextNormalizer> normalizers) : TextNormalizer
{
    public override TracedText Normalize(TracedText text) =>
        normalizers.Aggregate(text, (current, normalizer) => normalizer.Normalize(current));

    public override TextNormalizer ForContinuation() =>
        new NormalizerSequence([.. normalizers.Select(normalizer => normalizer.ForContinuation())]);
}

/// <summary>Puts a text in front of one that is not empty.</summary>
internal sealed class Prepend(string prefix) : TextNormalizer
{
    public override TracedText Normalize(TracedText text) => text.Text.Length == 0 ? text : text.Behind(prefix);

    public override TextNormalizer ForContinuation() => new NormalizerSequence([]);
}

/// <summary>Puts a text in the place of each match.</summary>
internal sealed class Replace(IPattern pattern, string content) : TextNormalizer
{
    public override TracedText Normalize(TracedText text)
    {
        if (text.Origins is null && pattern is LiteralPattern literal)
            return new(text.Text.Replace(literal.Literal, content, StringComparison.Ordinal), null);
        var matches = new List<(int Start, int End)>();
        pattern.Find(text.Text, matches);
        if (matches.Count == 0) return text;
        var result = new TracedWriter(text);
        var last = 0;
        foreach (var (start, end) in matches)
        {
            result.Keep(last, start);
            result.Put(content, start, end);
            last = end;
        }

        result.Keep(last, text.Text.Length);
        return result.ToText();
    }
}

/// <summary>Small letters, each scalar by itself (Σ becomes σ, also at a word's end); of Unicode 16, where Rust's are newer.</summary>
internal sealed class Lowercase : TextNormalizer
{
    // The one letter whose small form is two characters.
    private const int DottedCapitalI = 0x130;

    public override TracedText Normalize(TracedText text)
    {
        var result = new TracedWriter(text);
        Span<char> units = stackalloc char[2];
        var at = 0;
        foreach (var rune in text.Text.EnumerateRunes())
        {
            var end = at + rune.Utf16SequenceLength;
            if (rune.Value == DottedCapitalI) result.Put("i\u0307", at, end);
            else result.Put(units[..Rune.ToLowerInvariant(rune).EncodeToUtf16(units)], at, end);
            at = end;
        }

        return result.ToText();
    }
}

/// <summary>Takes white space away at a text's ends.</summary>
internal sealed class Strip(bool left, bool right) : TextNormalizer
{
    public override TracedText Normalize(TracedText text)
    {
        var span = text.Text.AsSpan();
        var start = left ? span.Length - span.TrimStart().Length : 0;
        return text.Part(start, right ? Math.Max(start, span.TrimEnd().Length) : span.Length);
    }
}
