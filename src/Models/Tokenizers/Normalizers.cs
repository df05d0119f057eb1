using System.Text;
using Harness.Models.Json;
using Microsoft.ML.Tokenizers;

namespace Harness.Models.Tokenizers;

/// <summary>Rewrites a text before it is split, and says where what it writes comes from.</summary>
internal abstract class TextNormalizer : Normalizer
{
    public abstract TracedText Normalize(TracedText text);

    /// <summary>Whether it puts a space in front of a text, in one of its spellings.</summary>
    public virtual bool PrependsSpace => false;

    /// <summary>The same for a text that goes on another one: nothing is put in front.</summary>
    public virtual TextNormalizer ForContinuation() => this;

    public sealed override string Normalize(string original) => Normalize(new TracedText(original, null)).Text;

    public sealed override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());
}

/// <summary>One after the other; none leaves a text as it is.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<TextNormalizer> normalizers) : TextNormalizer
{
    public override bool PrependsSpace => normalizers.Any(normalizer => normalizer.PrependsSpace);

    public override TracedText Normalize(TracedText text) =>
        normalizers.Aggregate(text, (current, normalizer) => normalizer.Normalize(current));

    public override TextNormalizer ForContinuation() =>
        new NormalizerSequence([.. normalizers.Select(normalizer => normalizer.ForContinuation())]);
}

/// <summary>Puts a text in front of one that is not empty.</summary>
internal sealed class Prepend(string prefix) : TextNormalizer
{
    public override bool PrependsSpace => prefix is " " or "▁";

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

/// <summary>Reads the normalizer of a tokenizer.json, and what is made like one.</summary>
internal static class Normalizers
{
    /// <summary>A normalizer; one that changes nothing where there is none.</summary>
    public static TextNormalizer Read(JsonPlace place) => place.Optional is null ? new NormalizerSequence([]) : Step(place);

    /// <summary>A Replace.</summary>
    public static Replace ReadReplace(JsonPlace place)
    {
        place.Only("type", "pattern", "content");
        return new Replace(Patterns.Read(place["pattern"]), place["content"].Text());
    }

    private static TextNormalizer Step(JsonPlace place)
    {
        switch (place["type"].Text())
        {
            case "NFC" or "NFD" or "NFKC" or "NFKD":
                var form = place.Only("type")["type"].Text();
                return new UnicodeForm(form.EndsWith('C'), form.Contains('K'));
            case "Lowercase":
                place.Only("type");
                return new Lowercase();
            case "Replace":
                return ReadReplace(place);
            case "Prepend":
                return new Prepend(place.Only("type", "prepend")["prepend"].Text());
            case "Strip":
                place.Only("type", "strip_left", "strip_right");
                return new Strip(place["strip_left"].Flag(), place["strip_right"].Flag());
            case "Sequence":
                return new NormalizerSequence([.. place.Only("type", "normalizers")["normalizers"].Items.Select(Step)]);
            case var other:
                throw place.Unsupported(
                    $"type '{other}'", "type NFC, NFD, NFKC, NFKD, Prepend, Replace, Lowercase, Strip or Sequence");
        }
    }
}
