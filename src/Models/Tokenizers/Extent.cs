using System.Text;

namespace Harness.Models.Tokenizers;

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
