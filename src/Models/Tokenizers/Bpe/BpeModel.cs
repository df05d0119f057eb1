using System.Collections.Concurrent;
using System.Text;

namespace Harness.Models.Tokenizers.Bpe;

/// <summary>Byte-pair encoding of one word (Sennrich et al. 2016), as the tokenizer.json's model describes it.</summary>
/// <param name="source">The file, for errors.</param>
/// <param name="vocabulary">Ids of tokens.</param>
/// <param name="merges">By rank. Of a pair given twice the last rank counts.</param>
internal sealed class BpeModel(string source, Dictionary<string, int> vocabulary, IReadOnlyList<Merge> merges)
{
    // Words kept with their tokens; longer words and later ones are merged each time. Neither changes a result.
    private const int CachedWords = 1 << 16, CachedWordLength = 64;
    private readonly MergeTable table = new(merges);
    private readonly int?[] byteIds =
        [.. Enumerable.Range(0, 256).Select(value => vocabulary.TryGetValue($"<0x{value:X2}>", out var id) ? id : (int?)null)];
    private readonly ConcurrentDictionary<string, int[]> cache = new(StringComparer.Ordinal);
    private int cached;

    /// <summary>Ids of tokens.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    /// <summary>The token of characters that the vocabulary lacks; without it they are dropped.</summary>
    public string? Unknown { get; init; }

    /// <summary>Whether unknown characters in a row are one token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether characters that the vocabulary lacks are spelled in bytes, &lt;0x00&gt; and so on, where it has those.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a word that is a token is that token, whatever the merges would make of it.</summary>
    public bool IgnoresMerges { get; init; }

    /// <summary>The ids of a word that is not empty.</summary>
    public ReadOnlySpan<int> Encode(ReadOnlySpan<char> word)
    {
        if (word.Length > CachedWordLength) return Merge(word);
        var lookup = cache.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(word, out var known)) return known;
        var result = Merge(word);
        if (cached < CachedWords && lookup.TryAdd(word, result)) Interlocked.Increment(ref cached);
        return result;
    }

    private int[] Merge(ReadOnlySpan<char> word)
    {
        var lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        if (IgnoresMerges && lookup.TryGetValue(word, out var whole)) return [whole];
        var symbols = new List<int>(word.Length);
        var waits = false;
        while (!word.IsEmpty)
        {
            Rune.DecodeFromUtf16(word, out var rune, out var width);
            if (lookup.TryGetValue(word[..width], out var id))
            {
                if (waits) symbols.Add(UnknownId());
                waits = false;
                symbols.Add(id);
            }
            else if (!TryAddBytes(rune, symbols) && Unknown is not null)
            {
                // As in Hugging Face's library, an unknown character waits for the next one, and bytes do not end the wait.
                if (waits && !FusesUnknown) symbols.Add(UnknownId());
                waits = true;
            }

            word = word[width..];
        }

        if (waits) symbols.Add(UnknownId());
        return table.Apply([.. symbols]);
    }

    private bool TryAddBytes(Rune rune, List<int> symbols)
    {
        if (!ByteFallback) return false;
        Span<byte> utf8 = stackalloc byte[4];
        var bytes = utf8[..rune.EncodeToUtf8(utf8)];
        foreach (var value in bytes)
        {
            if (byteIds[value] is null) return false;
        }

        foreach (var value in bytes) symbols.Add(byteIds[value]!.Value);
        return true;
    }

    private int UnknownId()
    {
        if (vocabulary.TryGetValue(Unknown!, out var id)) return id;
        var found = $"'{Unknown!.ReplaceLineEndings(" ")}', which model.vocab lacks";
        throw new InputException($"{source}: model.unk_token: found {found}, expected a token of it; use a sound tokenizer");
    }
}
