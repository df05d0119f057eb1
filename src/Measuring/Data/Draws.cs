namespace Harness.Measuring.Data;

/// <summary>Draws without replacement.</summary>
internal static class Draws
{
    /// <summary>As many of the items as asked for, or all, in a random order.</summary>
    public static List<T> Some<T>(this SeededRandom random, IEnumerable<T> items, int count)
    {
        var shuffled = items.ToList();
        random.Shuffle(shuffled);
        return shuffled[..Math.Min(count, shuffled.Count)];
    }
}
