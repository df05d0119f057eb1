using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Harness;

/// <summary>
/// Random numbers that are the same on every platform and runtime: xoshiro256** seeded by SplitMix64 (Blackman and Vigna 2018).
/// There is no global generator: each use has a seed and a purpose.
/// </summary>
public sealed class SeededRandom
{
    private readonly ulong[] state = new ulong[4];

    /// <summary>A generator for one seed and one purpose: streams of different purposes are independent.</summary>
    public SeededRandom(long seed, string purpose)
    {
        var mixed = unchecked((ulong)Derive(seed, purpose));
        for (var i = 0; i < state.Length; i++)
        {
            mixed += 0x9E3779B97F4A7C15;
            var z = mixed;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            state[i] = z ^ (z >> 31);
        }
    }

    /// <summary>A seed for one purpose, from SHA-256 over both; non-negative.</summary>
    public static long Derive(long seed, string purpose) =>
        BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{purpose}"))) & long.MaxValue;

    /// <summary>64 uniform bits.</summary>
    public ulong NextBits()
    {
        var result = BitOperations.RotateLeft(state[1] * 5, 7) * 9;
        var t = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= t;
        state[3] = BitOperations.RotateLeft(state[3], 45);
        return result;
    }

    /// <summary>Uniform in [0, <paramref name="bound"/>), without bias.</summary>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var limit = ulong.MaxValue - (ulong.MaxValue % (ulong)bound);
        ulong bits;
        do bits = NextBits();
        while (bits >= limit);
        return (int)(bits % (ulong)bound);
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>One element, uniformly.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>Shuffles in place (Fisher and Yates).</summary>
    public void Shuffle<T>(IList<T> items)
    {
        for (var i = items.Count - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
