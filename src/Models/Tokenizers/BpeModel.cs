using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;

namespace Harness.Models.Tokenizers;

/// <summary>Byte-pair encoding of one word (Sennrich et al. 2016), as the tokenizer.json's model describes it.</summary>
internal sealed class BpeModel
{
    // Words kept with their tokens; longer words and later ones are merged each time. Neither changes a result.
    private const int CachedWords = 1 << 16, CachedWordLength = 64;
    private readonly string source;
    private readonly Dictionary<string, int> vocabulary;
    private readonly MergeTable table;
    private readonly int?[] byteIds;
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> cache =
        new ConcurrentDictionary<string, int[]>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    private int cached;

    /// <param name="source">The file, for errors.</param>
    /// <param name="vocabulary">Ids of tokens.</param>
    /// <param name="merges">By rank. Of a pair given twice the last rank counts.</param>
    public BpeModel(string source, Dictionary<string, int> vocabulary, IReadOnlyList<Merge> merges)
    {
        (this.source, this.vocabulary, table) = (source, vocabulary, new(merges));
        byteIds = [.. Enumerable.Range(0, 256).Select(value => vocabulary.TryGetValue($"<0x{value:X2}>", out var id) ? id : (int?)null)];
    }

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
        if (word.Length > CachedWordLength) return Merge(word, [], null);
        if (cache.TryGetValue(word, out var known)) return known;
        var result = Merge(word, [], null);
        if (cached < CachedWords && cache.TryAdd(word, result)) Interlocked.Increment(ref cached);
        return result;
    }

    /// <summary>The ids of a word that is not empty, and where each comes from.</summary>
    /// <param name="word">The word.</param>
    /// <param name="units">Where each of its units comes from.</param>
    /// <param name="origins">Gets the extent of each id.</param>
    public int[] Encode(ReadOnlySpan<char> word, ReadOnlySpan<Extent> units, List<Extent> origins) => Merge(word, units, origins);

    private int[] Merge(ReadOnlySpan<char> word, ReadOnlySpan<Extent> units, List<Extent>? origins)
    {
        var lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        if (IgnoresMerges && lookup.TryGetValue(word, out var whole))
        {
            origins?.Add(Extent.Around(units));
            return [whole];
        }

        var symbols = new List<int>(word.Length);
        var first = origins?.Count ?? 0;
        Extent? waits = null;
        while (!word.IsEmpty)
        {
            Rune.DecodeFromUtf16(word, out var rune, out var width);
            var origin = units.IsEmpty ? default : units[0];
            if (lookup.TryGetValue(word[..width], out var id))
            {
                AddUnknown(ref waits, symbols, origins);
                symbols.Add(id);
            }
            else if (!TryAddBytes(rune, symbols) && Unknown is not null)
            {
                // As in Hugging Face's library, an unknown character waits for the next one, and bytes do not end the wait.
                if (!FusesUnknown) AddUnknown(ref waits, symbols, origins);
                waits = waits?.With(origin) ?? origin;
            }

            while (origins?.Count < first + symbols.Count) origins.Add(origin);
            word = word[width..];
            if (!units.IsEmpty) units = units[width..];
        }

        AddUnknown(ref waits, symbols, origins);
        var ids = CollectionsMarshal.AsSpan(symbols);
        var count = table.Apply(ids, origins is null ? [] : CollectionsMarshal.AsSpan(origins)[first..]);
        origins?.RemoveRange(first + count, ids.Length - count);
        return ids[..count].ToArray();
    }

    private void AddUnknown(ref Extent? waits, List<int> symbols, List<Extent>? origins)
    {
        if (waits is not { } origin) return;
        symbols.Add(UnknownId());
        origins?.Add(origin);
        waits = null;
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

/// <summary>One merge: two neighbouring tokens become one. Its place in the list is its rank.</summary>
internal readonly record struct Merge(int Left, int Right, int Result);

/// <summary>Applies merges to one word: always the one with the lowest rank, the leftmost of equals.</summary>
internal sealed class MergeTable
{
    private const int None = -1;
    private readonly Dictionary<(int Left, int Right), (int Rank, int Result)> ranks = [];

    public MergeTable(IReadOnlyList<Merge> merges)
    {
        for (var rank = 0; rank < merges.Count; rank++) ranks[(merges[rank].Left, merges[rank].Right)] = (rank, merges[rank].Result);
    }

    /// <summary>Puts the word's tokens after all merges in front and returns their number; O(n log n) in its length.</summary>
    /// <param name="ids">The tokens of the word's characters; overwritten.</param>
    /// <param name="origins">Where each comes from, to be joined as they are; or empty.</param>
    public int Apply(Span<int> ids, Span<Extent> origins)
    {
        // A linked list over positions; a position whose token went into its left neighbour holds None.
        var next = new int[ids.Length];
        var previous = new int[ids.Length];
        var queue = new PriorityQueue<(int Left, int Right), (int Rank, int Position)>();
        for (var i = 0; i < ids.Length; i++)
        {
            next[i] = i + 1 < ids.Length ? i + 1 : None;
            previous[i] = i - 1;
            if (next[i] != None) Offer(queue, ids[i], ids[i + 1], i);
        }

        while (queue.TryDequeue(out var pair, out var place))
        {
            var at = place.Position;
            var right = next[at];
            if (right == None || (ids[at], ids[right]) != pair) continue;
            ids[at] = ranks[pair].Result;
            ids[right] = None;
            next[at] = next[right];
            next[right] = None;
            if (next[at] != None)
            {
                previous[next[at]] = at;
                Offer(queue, ids[at], ids[next[at]], at);
            }

            if (previous[at] != None) Offer(queue, ids[previous[at]], ids[at], previous[at]);
        }

        var count = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            var isKept = ids[i] != None;
            if (!origins.IsEmpty) origins[isKept ? count : count - 1] = isKept ? origins[i] : origins[count - 1].With(origins[i]);
            if (isKept) ids[count++] = ids[i];
        }

        return count;
    }

    private void Offer(PriorityQueue<(int Left, int Right), (int Rank, int Position)> queue, int left, int right, int position)
    {
        if (ranks.TryGetValue((left, right), out var merge)) queue.Enqueue((left, right), (merge.Rank, position));
    }
}
