using System.Buffers;
using System.Text;
using Harness.Models.Json;
using Harness.Models.Text;

namespace Harness.Models.Tokenizers;

/// <summary>A part of a text: an added token's place, or (without an id) what lies between two.</summary>
internal readonly record struct Segment(int Start, int End, int? Id);

/// <summary>Finds added tokens: always the leftmost, of those that begin there the longest.</summary>
internal sealed class AddedTokenFinder
{
    private readonly SearchValues<string> spellings;
    private readonly ILookup<char, (string Spelling, AddedToken Token)> tokens;

    /// <param name="tokens">The tokens, in the spelling to be found.</param>
    public AddedTokenFinder(IEnumerable<(string Spelling, AddedToken Token)> tokens)
    {
        var sought = tokens.Where(token => token.Spelling.Length > 0).OrderByDescending(token => token.Spelling.Length).ToArray();
        spellings = SearchValues.Create(Array.ConvertAll(sought, token => token.Spelling), StringComparison.Ordinal);
        this.tokens = sought.ToLookup(token => token.Spelling[0]);
    }

    /// <summary>Segments that together are the text.</summary>
    public List<Segment> Split(string text)
    {
        var segments = new List<Segment>();
        var last = 0;
        for (var at = Next(text, 0); at >= 0;)
        {
            var (spelling, token) = tokens[text[at]].First(known => text.AsSpan(at).StartsWith(known.Spelling, StringComparison.Ordinal));
            var (start, end) = (at, at + spelling.Length);
            at = Next(text, end);
            if (token.SingleWord && (EndsWithWord(text.AsSpan(0, start)) || BeginsWithWord(text.AsSpan(end)))) continue;
            if (token.TakesSpaceBefore) start = Math.Max(text.AsSpan(0, start).TrimEnd().Length, last);
            if (token.TakesSpaceBehind) end = text.Length - text.AsSpan(end).TrimStart().Length;
            if (last < start) segments.Add(new(last, start, null));
            segments.Add(new(start, end, token.Id));
            last = end;
        }

        if (last < text.Length) segments.Add(new(last, text.Length, null));
        return segments;
    }

    private int Next(string text, int from)
    {
        var offset = text.AsSpan(from).IndexOfAny(spellings);
        return offset < 0 ? -1 : from + offset;
    }

    private static bool BeginsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && WordCharacter.Is(rune);

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && WordCharacter.Is(rune);
}

/// <summary>A token that is found in a text before anything else is done with it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its spelling.</param>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it must not touch a word's character.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it takes the white space before it with it.</summary>
    public bool TakesSpaceBefore { get; init; }

    /// <summary>Whether it takes the white space behind it with it.</summary>
    public bool TakesSpaceBehind { get; init; }

    /// <summary>Whether it is looked for, itself normalised, in the normalised text.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether it is left out of decoded text.</summary>
    public bool Special { get; init; }

    /// <summary>Reads one, whose id is known.</summary>
    /// <param name="token">The object.</param>
    /// <param name="id">Its id.</param>
    /// <param name="isComplete">Whether every flag must be there, as in tokenizer.json.</param>
    public static AddedToken Read(JsonPlace token, int id, bool isComplete)
    {
        bool? absent = isComplete ? null : false;
        return new(id, token["content"].Text())
        {
            SingleWord = token["single_word"].Flag(absent),
            TakesSpaceBefore = token["lstrip"].Flag(absent),
            TakesSpaceBehind = token["rstrip"].Flag(absent),
            Normalized = token["normalized"].Flag(isComplete ? null : !token["special"].Flag(absent)),
            Special = token["special"].Flag(absent),
        };
    }
}
