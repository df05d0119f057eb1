// T = positions, d = head width, H = heads, g = heads in a group, S = g·T.
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>What depends on the number of positions alone: rotary factors and what is added to the scores.</summary>
internal sealed class PositionTables : IDisposable
{
    // Products of very small matrices cost their call, not their arithmetic. Measured on one AVX2 core: attention over 8 positions takes
    // 0.6 times as long in groups of four heads, over 12 in groups of two; from 32 rows on, groups lose.
    private const int MostRowsInGroup = 32;

    private PositionTables(int positions, TransformerConfig config, Device device)
    {
        var heads = config.Heads;
        HeadsInGroup = 1;
        if (config.Positions != PositionKind.Alibi)
            while (heads % (2 * HeadsInGroup) == 0 && 2 * HeadsInGroup * positions <= MostRowsInGroup) HeadsInGroup *= 2;

        if (config.Positions == PositionKind.Rotary) Rotary = RotaryTable.Build(positions, config, device);
        CausalMask_SS = tensor(Causal(positions, config), [HeadsInGroup * positions, HeadsInGroup * positions], device: device)
            .DetachFromDisposeScope();
        if (config.Positions == PositionKind.Alibi)
        {
            // The causal mask is the same for every head; the slope is the head's.
            using var scope = NewDisposeScope();
            var places = tensor(Enumerable.Range(0, positions).Select(place => (float)place).ToArray(), device: device).view(
                1, 1, positions);
            AlibiMask_HTT = (Alibi.Slopes(heads, device).view(heads, 1, 1) * places).Plus(CausalMask_SS).DetachFromDisposeScope();
        }
    }

    /// <summary>Heads of one sequence whose attention is one product of matrices, g; divides the number of heads.</summary>
    public int HeadsInGroup { get; }

    /// <summary>Rotary factors, or null.</summary>
    public RotaryTable? Rotary { get; }

    /// <summary>0 where a position may look, −∞ where it may not: behind it, before its window, and in another head.</summary>
    public Tensor CausalMask_SS { get; }

    /// <summary>The mask with each head's bias, or null.</summary>
    public Tensor? AlibiMask_HTT { get; }

    /// <summary>The rows of <see cref="CausalMask_SS"/> that belong to each head's last positions.</summary>
    public Tensor CausalMask(long last)
    {
        var rows = CausalMask_SS.size(0);
        return last * HeadsInGroup == rows
            ? CausalMask_SS
            : CausalMask_SS.view(HeadsInGroup, rows / HeadsInGroup, rows).Last(1, last).reshape(HeadsInGroup * last, rows);
    }

    public static PositionTables Build(int positions, TransformerConfig config, Device device)
    {
        // A table made in inference mode could not be used in training later.
        using var ordinary = inference_mode(false);
        using var gradientless = no_grad();
        return new PositionTables(positions, config, device);
    }

    public void Dispose()
    {
        Rotary?.Dispose();
        CausalMask_SS.Dispose();
        AlibiMask_HTT?.Dispose();
    }

    private float[] Causal(int positions, TransformerConfig config)
    {
        var rows = HeadsInGroup * positions;
        var mask = Enumerable.Repeat(float.NegativeInfinity, rows * rows).ToArray();
        for (var to = 0; to < rows; to++)
        {
            var position = to % positions;
            var seen = Math.Min(position + 1, config.SlidingWindow ?? int.MaxValue);
            mask.AsSpan((to * rows) + to - seen + 1, seen).Clear();
        }

        return mask;
    }
}

/// <summary>A model's position tables by the length of the text, each built when it is first asked for. It owns them.</summary>
internal sealed class PositionTableCache(TransformerConfig config, Device device) : IDisposable
{
    private const int LongText = 256;
    private readonly Dictionary<long, PositionTables> tables = [];

    /// <summary>The tables of a text of that many tokens, good at least until those of another length are asked for.</summary>
    /// <exception cref="InputException">It is longer than the model's positions.</exception>
    public PositionTables Of(long positions)
    {
        if (tables.TryGetValue(positions, out var table)) return table;
        config.CheckLength(positions);

        // Their memory grows with the square of the length: those of long texts make room for each other.
        foreach (var other in positions > LongText ? tables.Keys.Where(length => length > LongText).ToArray() : [])
        {
            tables.Remove(other, out var unused);
            unused!.Dispose();
        }

        return tables[positions] = PositionTables.Build((int)positions, config, device);
    }

    public void Dispose()
    {
        foreach (var table in tables.Values) table.Dispose();
        tables.Clear();
    }
}

/// <summary>Attention with linear biases (Press et al. 2022): a head's slope times the key's position is added to its scores.</summary>
internal static class Alibi
{
    /// <summary>
    /// [H] float32: 2^(−8i/n), i = 1 to n, for the largest power of two n up to H; further heads take the odd steps of 2n (the authors'
    /// rule).
    /// </summary>
    public static Tensor Slopes(int heads, Device device)
    {
        var power = 1;
        while (2 * power <= heads) power *= 2;
        var slopes = Enumerable.Range(1, power).Select(i => Math.Pow(2, -8.0 * i / power))
            .Concat(Enumerable.Range(0, heads - power).Select(i => Math.Pow(2, -4.0 * (2 * i + 1) / power)));
        return tensor(slopes.Select(slope => (float)slope).ToArray(), device: device);
    }
}
