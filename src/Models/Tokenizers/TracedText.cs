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
