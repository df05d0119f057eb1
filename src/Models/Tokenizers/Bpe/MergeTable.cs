namespace Harness.Models.Tokenizers.Bpe;

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
