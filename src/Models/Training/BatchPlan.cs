namespace Harness.Models.Training;

/// <summary>
/// Which examples share a step: shuffled, cut into pools, sorted by length within a pool, cut into batches, and the batches shuffled.
/// </summary>
internal sealed class BatchPlan(IReadOnlyList<Sequence> examples, int batchSize, int poolBatches, long seed)
{
    /// <summary>Number of batches in every epoch.</summary>
    public int Count => (examples.Count + batchSize - 1) / batchSize;

    /// <summary>The batches of one epoch; every example is in exactly one.</summary>
    public IReadOnlyList<Sequence[]> Epoch(int epoch)
    {
        var random = new SeededRandom(seed, $"training/epoch/{epoch}");
        var order = Enumerable.Range(0, examples.Count).ToArray();
        random.Shuffle(order);
        var batches = order.Chunk(batchSize * poolBatches)
            .SelectMany(pool => pool.Select(i => examples[i]).OrderBy(example => example.Ids.Length).Chunk(batchSize))
            .ToList();
        random.Shuffle(batches);
        return batches;
    }
}
