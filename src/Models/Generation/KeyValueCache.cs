// B = batch, T = new positions, C = cached positions, K = key and value heads, H = query heads, d = head width.
using Harness.Models.Layers;
using static TorchSharp.torch;

namespace Harness.Models.Generation;

/// <summary>
/// Keys and values of the positions that a batch of sequences has gone through, so that each step runs the new positions only. Sequences
/// end together: shorter ones are padded on the left, padding is never looked at, and positions are counted without it.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly TransformerConfig config;
    private readonly int[] paddings;
    private readonly int capacity;
    private readonly Device device;
    private readonly RotaryTable? table;
    private readonly (Tensor Keys_BKCd, Tensor Values_BKCd)?[] layers;
    private RotaryTable? rotary;
    private Tensor? mask;
    private int length;
    private int step;

    /// <summary>An empty cache.</summary>
    /// <param name="model">The model that will run with it.</param>
    /// <param name="paddings">For each sequence, how many of its first positions are padding.</param>
    /// <param name="capacity">Most positions, padding included.</param>
    public KeyValueCache(Transformer model, IReadOnlyList<int> paddings, int capacity)
    {
        (config, this.paddings, this.capacity, device) = (model.Config, [.. paddings], capacity, model.Device);
        layers = new (Tensor, Tensor)?[config.Layers];
        if (config.Positions == PositionKind.Rotary) table = RotaryTable.Build(capacity, config, device);
    }

    /// <summary>Rotary factors of the step's positions, or null.</summary>
    internal RotaryTable? Rotary => rotary;

    /// <summary>[B, 1 or H, T, C]: what is added to the step's scores.</summary>
    internal Tensor Mask => mask!;

    /// <summary>Positions of the step's tokens, [B, T] Int64; padding counts as 0. Begins the step.</summary>
    internal Tensor Begin(int positions)
    {
        if (length + positions > capacity)
            throw new ArgumentException($"{length} + {positions} positions in a cache for {capacity}", nameof(positions));
        EndStep();
        step = positions;
        using var scope = NewDisposeScope();
        var places = paddings.SelectMany(padding => Enumerable.Range(length, positions)
            .Select(place => (long)Math.Clamp(place - padding, 0, config.MaxPositions - 1))).ToArray();
        var positions_BT = tensor(places, [paddings.Length, positions], device: device);
        rotary = table?.At(positions_BT);
        rotary?.Detach();
        mask = BuildMask(positions).DetachFromDisposeScope();
        return positions_BT.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Adds the step's keys and values, [B, K, T, d], to a layer's, and gives all of them, [B, K, C, d]: as views, or, where gradients flow
    /// through the step's, as copies that the cache does not keep.
    /// </summary>
    internal (Tensor Keys_BKCd, Tensor Values_BKCd) Append(int layer, Tensor keys_BKTd, Tensor values_BKTd)
    {
        if (keys_BKTd.requires_grad || values_BKTd.requires_grad)
        {
            return layers[layer] is not var (pastKeys, pastValues)
                ? (keys_BKTd, values_BKTd)
                : (cat([pastKeys.narrow(2, 0, length), keys_BKTd], 2), cat([pastValues.narrow(2, 0, length), values_BKTd], 2));
        }

        var (keys, values) = layers[layer] ??= (Room(), Room());
        keys.narrow(2, length, step).copy_(keys_BKTd);
        values.narrow(2, length, step).copy_(values_BKTd);
        return (keys.narrow(2, 0, length + step), values.narrow(2, 0, length + step));

        Tensor Room() => empty([paddings.Length, config.KeyValueHeads, capacity, config.HeadWidth], device: device)
            .DetachFromDisposeScope();
    }

    /// <summary>Ends the step: its positions are cached in every layer.</summary>
    internal void End() => length += step;

    /// <summary>Goes on with some of the sequences only.</summary>
    /// <param name="rows">Their places in the batch, ascending.</param>
    public KeyValueCache Select(Transformer model, IReadOnlyList<int> rows)
    {
        using var scope = NewDisposeScope();
        var some = new KeyValueCache(model, [.. rows.Select(row => paddings[row])], capacity) { length = length };
        var rows_B = tensor(rows.Select(row => (long)row).ToArray(), device: device);
        for (var layer = 0; layer < layers.Length; layer++)
        {
            if (layers[layer] is not var (keys, values)) continue;
            some.layers[layer] =
                (keys.index_select(0, rows_B).DetachFromDisposeScope(), values.index_select(0, rows_B).DetachFromDisposeScope());
        }

        return some;
    }

    /// <summary>Frees what is cached of the layers below <paramref name="layer"/>, which are not run any more.</summary>
    public void Forget(int layer)
    {
        foreach (ref var cached in layers.AsSpan(0, layer))
        {
            cached?.Keys_BKCd.Dispose();
            cached?.Values_BKCd.Dispose();
            cached = null;
        }
    }

    public void Dispose()
    {
        EndStep();
        table?.Dispose();
        Forget(layers.Length);
    }

    private void EndStep()
    {
        rotary?.Dispose();
        mask?.Dispose();
        (rotary, mask) = (null, null);
    }

    // A padded position looks at itself, so that its softmax is defined; nothing looks at it.
    private Tensor BuildMask(int positions)
    {
        var cached = length + positions;
        var values = new float[paddings.Length * positions * cached];
        var places = new float[paddings.Length * cached];
        for (var row = 0; row < paddings.Length; row++)
        {
            for (var from = 0; from < positions; from++)
            {
                var own = length + from;
                var first = Math.Max(paddings[row], own - (config.SlidingWindow ?? cached) + 1);
                for (var to = 0; to < cached; to++)
                {
                    var seen = to == own || (to >= first && to < own);
                    values[(((row * positions) + from) * cached) + to] = seen ? 0 : float.NegativeInfinity;
                }
            }

            for (var to = 0; to < cached; to++) places[(row * cached) + to] = Math.Max(0, to - paddings[row]);
        }

        var mask_B1TC = tensor(values, [paddings.Length, 1, positions, cached], device: device);
        if (config.Positions != PositionKind.Alibi) return mask_B1TC;
        var places_B11C = tensor(places, [paddings.Length, 1, 1, cached], device: device);
        return (Alibi.Slopes(config.Heads, device).view(1, config.Heads, 1, 1) * places_B11C).Plus(mask_B1TC);
    }
}
