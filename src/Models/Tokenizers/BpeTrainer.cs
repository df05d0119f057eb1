using System.Runtime.InteropServices;
using System.Text;

namespace Harness.Models.Tokenizers;

/// <summary>
/// Learns merges on distinct words with their counts; a merge touches only the words that hold its pair. Only sums and a total order
/// decide, so no order of words or of hash tables can change the result.
/// </summary>
internal sealed class BpeTrainer
{
    private const int MinCount = 2;
    private readonly List<string> tokens = [.. TrainedBpe.Specials, .. ByteAlphabet.All];
    private readonly Dictionary<string, int> ids;
    private readonly List<(int[] Tokens, long Count)> words = [];
    private readonly Dictionary<(int Left, int Right), long> counts = [];
    private readonly Dictionary<(int Left, int Right), List<int>> places = [];
    private readonly PriorityQueue<(int Left, int Right), (long MinusCount, int Left, int Right)> queue = new();
    private readonly HashSet<(int Left, int Right)> raised = [];

    private BpeTrainer(IEnumerable<string> texts)
    {
        ids = tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id, StringComparer.Ordinal);
        foreach (var (word, count) in CountWords(texts))
        {
            int[] pieces = [.. Encoding.UTF8.GetBytes(word).Select(value => TrainedBpe.Specials.Count + value)];
            words.Add((pieces, count));
            for (var i = 1; i < pieces.Length; i++) Add((pieces[i - 1], pieces[i]), count, words.Count - 1);
        }

        EnqueueRaised();
    }

    public static TrainedBpe Train(IEnumerable<string> texts, int vocabularySize)
    {
        var trainer = new BpeTrainer(texts);
        var least = trainer.tokens.Count;
        if (vocabularySize < least)
        {
            throw new InputException(
                $"tokenizer: found a vocabulary size of {vocabularySize}, expected at least {least} (2 specials and 256 bytes); raise it");
        }

        return new(trainer.tokens, trainer.Learn(vocabularySize));
    }

    private static Dictionary<string, long> CountWords(IEnumerable<string> texts)
    {
        var result = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = result.GetAlternateLookup<ReadOnlySpan<char>>();
        var words = new List<(int Start, int End)>();
        foreach (var text in texts.Select(WellFormed.Text))
        {
            words.Clear();
            ByteLevel.Words.Find(text, words);
            foreach (var (start, end) in words) CollectionsMarshal.GetValueRefOrAddDefault(lookup, text.AsSpan()[start..end], out _)++;
        }

        return result;
    }

    private List<Merge> Learn(int vocabularySize)
    {
        var merges = new List<Merge>();
        var known = new HashSet<(int Left, int Right)>();
        while (tokens.Count < vocabularySize && queue.TryDequeue(out var pair, out var priority))
        {
            // An entry may be out of date: a count that rose has a newer entry, one that fell gets one here.
            var count = counts.GetValueOrDefault(pair);
            if (count != -priority.MinusCount)
            {
                if (count >= MinCount && count < -priority.MinusCount) queue.Enqueue(pair, (-count, pair.Left, pair.Right));
                continue;
            }

            // Two merges can spell the same token: it then has one id, and a pair met again keeps its first rank.
            var spelling = tokens[pair.Left] + tokens[pair.Right];
            ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(ids, spelling, out var exists);
            if (!exists)
            {
                id = tokens.Count;
                tokens.Add(spelling);
            }

            if (known.Add(pair)) merges.Add(new(pair.Left, pair.Right, id));
            Apply(pair, id);
        }

        return merges;
    }

    private void Apply((int Left, int Right) pair, int merged)
    {
        places.Remove(pair, out var where);
        foreach (var index in where ?? []) words[index] = words[index] with { Tokens = MergeWord(index, pair, merged) };
        counts.Remove(pair);
        raised.Remove(pair);
        EnqueueRaised();
    }

    private int[] MergeWord(int index, (int Left, int Right) pair, int merged)
    {
        var (pieces, count) = words[index];
        var length = 0;
        for (var i = 0; i < pieces.Length; i++)
        {
            if (i + 1 == pieces.Length || (pieces[i], pieces[i + 1]) != pair)
            {
                pieces[length++] = pieces[i];
                continue;
            }

            // To the left stands what this pass has already written, to the right what it has not yet seen.
            if (length > 0)
            {
                counts[(pieces[length - 1], pair.Left)] -= count;
                Add((pieces[length - 1], merged), count, index);
            }

            if (i + 2 < pieces.Length)
            {
                counts[(pair.Right, pieces[i + 2])] -= count;
                Add((merged, pieces[i + 2]), count, index);
            }

            pieces[length++] = merged;
            i++;
        }

        return length == pieces.Length ? pieces : pieces[..length];
    }

    private void Add((int Left, int Right) pair, long count, int word)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(counts, pair, out _) += count;
        ref var where = ref CollectionsMarshal.GetValueRefOrAddDefault(places, pair, out _);
        where ??= [];
        if (where.Count == 0 || where[^1] != word) where.Add(word);
        raised.Add(pair);
    }

    private void EnqueueRaised()
    {
        foreach (var pair in raised)
        {
            if (counts[pair] >= MinCount) queue.Enqueue(pair, (-counts[pair], pair.Left, pair.Right));
        }

        raised.Clear();
    }
}

/// <summary>What <see cref="BpeTrainer"/> learnt: tokens by id (specials, bytes in the byte alphabet, merges), merges by rank.</summary>
internal sealed record TrainedBpe(IReadOnlyList<string> Tokens, IReadOnlyList<Merge> Merges)
{
    /// <summary>Begins every text.</summary>
    public const string Bos = "<s>";

    /// <summary>Ends every text.</summary>
    public const string Eos = "</s>";

    /// <summary>The specials, from id 0.</summary>
    public static IReadOnlyList<string> Specials { get; } = [Bos, Eos];
}
