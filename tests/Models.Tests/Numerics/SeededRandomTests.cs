namespace Harness.Tests.Numerics;

public sealed class SeededRandomTests
{
    // By the authors' reference code, seeded from SHA-256 of "1/tests".
    [Fact]
    public void Is_xoshiro256()
    {
        Assert.Equal(3425114964274863662, SeededRandom.Derive(1, "tests"));
        var random = new SeededRandom(1, "tests");
        ulong[] expected = [17241390370404664677, 7810346271806954361, 855663937591691559];
        Assert.All(expected, bits => Assert.Equal(bits, random.NextBits()));
    }

    [Fact]
    public void Streams_depend_on_seed_and_purpose()
    {
        Assert.NotEqual(SeededRandom.Derive(1, "a"), SeededRandom.Derive(1, "b"));
        Assert.NotEqual(new SeededRandom(1, "a").NextBits(), new SeededRandom(2, "a").NextBits());
        Assert.All(Enumerable.Range(0, 100), seed => Assert.InRange(SeededRandom.Derive(seed, "a"), 0, long.MaxValue));
    }

    [Fact]
    public void Stays_in_its_bounds()
    {
        var random = new SeededRandom(3, "bounds");
        var drawn = Enumerable.Range(0, 1000).Select(_ => random.Next(7)).ToList();
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], drawn.Distinct().Order());
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(random.NextDouble(), 0, 1 - double.Epsilon));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Next(0));
        int[] shuffled = [.. Enumerable.Range(0, 50)];
        random.Shuffle(shuffled);
        Assert.NotEqual(Enumerable.Range(0, 50), shuffled);
        Assert.Equal(Enumerable.Range(0, 50), shuffled.Order());
        Assert.Contains(random.Pick(shuffled), shuffled);
    }
}
