using System.Text;
using Harness.Models.Tokenizers.Patterns;

namespace Harness.Models.Tokenizers.Normalizers;

/// <summary>One after the other; none leaves a text as it is.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<INormalizer> normalizers) : INormalizer
{
    public string Normalize(string text) => normalizers.Aggregate(text, (current, normalizer) => normalizer.Normalize(current));
}

/// <summary>Puts a text in front of one that is not empty.</summary>
internal sealed class Prepend(string prefix) : INormalizer
{
    public string Normalize(string text) => text.Length == 0 ? text : prefix + text;
}

/// <summary>Puts a text in the place of each match.</summary>
internal sealed class Replace(IPattern pattern, string content) : INormalizer
{
    public string Normalize(string text)
    {
        var matches = new List<(int Start, int End)>();
        pattern.Find(text, matches);
        if (matches.Count == 0) return text;
        var result = new StringBuilder(text.Length);
        var last = 0;
        foreach (var (start, end) in matches)
        {
            result.Append(text, last, start - last).Append(content);
            last = end;
        }

        return result.Append(text, last, text.Length - last).ToString();
    }
}

/// <summary>Small letters, each scalar by itself (Σ becomes σ, also at a word's end); of Unicode 16, where Rust's are newer.</summary>
internal sealed class Lowercase : INormalizer
{
    // The one letter whose small form is two characters.
    private const int DottedCapitalI = 0x130;

    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == DottedCapitalI) result.Append("i\u0307");
            else result.Append(Rune.ToLowerInvariant(rune));
        }

        return result.ToString();
    }
}

/// <summary>Takes white space away at a text's ends.</summary>
internal sealed class Strip(bool left, bool right) : INormalizer
{
    public string Normalize(string text)
    {
        var start = left ? text.TrimStart() : text;
        return right ? start.TrimEnd() : start;
    }
}
