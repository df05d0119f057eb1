using System.Text;

namespace Harness.Models.Tokenizers;

/// <summary>A text on its way to the model.</summary>
/// <param name="Text">As it is by now.</param>
/// <param name="Origins">Where each of its UTF-16 units comes from, or null where nobody asks.</param>
internal readonly record struct TracedText(string Text, Extent[]? Origins)
{
    /// <summary>A part of it.</summary>
    public TracedText Part(int start, int end) => new(Text[start..end], Origins?[start..end]);

    /// <summary>The same with something in front, which comes from nowhere; the text is not empty.</summary>
    public TracedText Behind(string prefix) => new(prefix + Text, Origins is null ? null : Behind(prefix, Origins));

    /// <summary>The origins of a text that is not empty, with something put in front.</summary>
    public static Extent[] Behind(string prefix, ReadOnlySpan<Extent> origins)
    {
        var result = new Extent[prefix.Length + origins.Length];
        result.AsSpan(0, prefix.Length).Fill(new(origins[0].Start, origins[0].Start));
        origins.CopyTo(result.AsSpan(prefix.Length));
        return result;
    }
}

/// <summary>Writes a text anew, from its beginning to its end.</summary>
internal sealed class TracedWriter(TracedText source)
{
    private readonly StringBuilder text = new(source.Text.Length);
    private readonly List<Extent>? origins = source.Origins is null ? null : new(source.Text.Length);

    /// <summary>Writes what stands there.</summary>
    public void Keep(int start, int end)
    {
        text.Append(source.Text, start, end - start);
        origins?.AddRange(source.Origins.AsSpan(start, end - start));
    }

    /// <summary>Writes something in its place.</summary>
    public void Put(ReadOnlySpan<char> content, int start, int end)
    {
        text.Append(content);
        if (origins is null) return;
        var origin = start < end ? Extent.Around(source.Origins.AsSpan(start, end - start)) : Between(start);
        for (var i = 0; i < content.Length; i++) origins.Add(origin);
    }

    public TracedText ToText() => new(text.ToString(), origins?.ToArray());

    // Nothing, at the place where a unit begins or the text ends.
    private Extent Between(int place)
    {
        if (source.Text.Length == 0) return default;
        var at = place < source.Text.Length ? source.Origins![place].Start : source.Origins![^1].End;
        return new(at, at);
    }
}

/// <summary>A part of the text that was given, in UTF-16 units; empty where the tokenizer has put something in.</summary>
/// <param name="Start">Its first unit.</param>
/// <param name="End">The unit behind its last.</param>
internal readonly record struct Extent(int Start, int End)
{
    /// <summary>From the first start to the last end of some; there is at least one.</summary>
    public static Extent Around(ReadOnlySpan<Extent> parts)
    {
        var result = parts[0];
        foreach (var part in parts[1..]) result = result.With(part);
        return result;
    }

    /// <summary>From the first start to the last end of both.</summary>
    public Extent With(Extent other) => new(Math.Min(Start, other.Start), Math.Max(End, other.End));

    /// <summary>The extent of each unit of a part of a text: that of its scalar, so that no pair of surrogates is ever cut.</summary>
    public static Extent[] OfScalars(ReadOnlySpan<char> text, int start)
    {
        var result = new Extent[text.Length];
        for (var index = 0; index < text.Length;)
        {
            Rune.DecodeFromUtf16(text[index..], out _, out var width);
            result.AsSpan(index, width).Fill(new(start + index, start + index + width));
            index += width;
        }

        return result;
    }
}

/// <summary>Where a text may be cut between two of its tokens: not where both have a part of one character.</summary>
internal static class TokenCut
{
    /// <summary>How many of the first tokens to take, at most so many.</summary>
    public static int FromStart(List<Extent> origins, int most)
    {
        var count = Math.Min(most, origins.Count);
        while (IsInside(origins, count)) count--;
        return count;
    }

    /// <summary>The first of the last tokens to take, at most so many.</summary>
    public static int FromEnd(List<Extent> origins, int most)
    {
        var first = Math.Max(0, origins.Count - most);
        while (IsInside(origins, first)) first++;
        return first;
    }

    /// <summary>Where the first tokens end, in UTF-16 units.</summary>
    public static int End(List<Extent> origins, int count) => count == 0 ? 0 : origins[count - 1].End;

    private static bool IsInside(List<Extent> origins, int count) =>
        count > 0 && count < origins.Count && origins[count].Start < origins[count - 1].End;
}

/// <summary>Text that has UTF-8.</summary>
internal static class WellFormed
{
    /// <summary>The text with U+FFFD for each unpaired surrogate.</summary>
    public static string Text(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) result.Append(rune);
        return result.ToString();
    }
}
