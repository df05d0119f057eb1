using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace Harness.Models.Tokenizers;

/// <summary>Rewrites a text before it is split, and says where what it writes comes from.</summary>
internal abstract class TextNormalizer : Normalizer
{
    public abstract TracedText Normalize(TracedText text);

    /// <summary>The same for a text that goes on another one: nothing is put in front.</summary>
    public virtual TextNormalizer ForContinuation() => this;

    public sealed override string Normalize(string original) => Normalize(new TracedText(original, null)).Text;

    public sealed override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());
}

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

/// <summary>Reads the normalizer, and what is made like one.</summary>
internal static class NormalizerReader
{
    private const string Known = "NFC, NFD, NFKC, NFKD, Prepend, Replace, Lowercase, Strip or Sequence";

    /// <param name="json">The file.</param>
    /// <param name="component">Its name in errors.</param>
    /// <param name="value">An object, null or nothing.</param>
    /// <param name="prepended">Gets the texts that are put in front of every text.</param>
    public static TextNormalizer Read(JsonComponents json, string component, JsonElement value, List<string> prepended)
    {
        if (!JsonComponents.IsPresent(value)) return new NormalizerSequence([]);
        switch (json.TypeOf(component, value))
        {
            case "NFC" or "NFD" or "NFKC" or "NFKD":
                var form = json.Text(component, json.Members(component, value, ["type"])["type"]);
                return new UnicodeForm(form.EndsWith('C'), form.Contains('K'));
            case "Lowercase":
                json.Members(component, value, ["type"]);
                return new Lowercase();
            case "Replace":
                return ReadReplace(json, component, value);
            case "Prepend":
                var prepend = json.Members(component, value, ["type", "prepend"]);
                prepended.Add(json.Text($"{component}.prepend", json.Member(component, prepend, "prepend")));
                return new Prepend(prepended[^1]);
            case "Strip":
                var strip = json.Members(component, value, ["type", "strip_left", "strip_right"]);
                return new Strip(json.Flag(component, strip, "strip_left"), json.Flag(component, strip, "strip_right"));
            case "Sequence":
                var list = json.Member(component, json.Members(component, value, ["type", "normalizers"]), "normalizers");
                var items = json.Items($"{component}.normalizers", list);
                return new NormalizerSequence([.. items.Select((item, i) => ReadStep($"{component}.normalizers[{i}]", item))]);
            case var other:
                throw json.Unsupported(component, $"type '{other}'", $"type {Known}");
        }

        TextNormalizer ReadStep(string place, JsonElement item) => Read(json, place, json.Step(place, item), prepended);
    }

    public static Replace ReadReplace(JsonComponents json, string component, JsonElement value)
    {
        var members = json.Members(component, value, ["type", "pattern", "content"]);
        var pattern = PatternReader.Read(json, $"{component}.pattern", json.Member(component, members, "pattern"));
        return new Replace(pattern, json.Text($"{component}.content", json.Member(component, members, "content")));
    }
}
