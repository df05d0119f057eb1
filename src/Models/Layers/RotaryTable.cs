// P = positions, d = head width, B = batch, T = positions of a step.
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>
/// Rotary positions (Su et al. 2021) with the angle p · base^(−2i/w) for pair i of w rotated channels: y = x · cos + partner(x) · sin, sin
/// negative for the first of a pair. Pairs are channels i and i + d/2 (LLaMA) or neighbours (GPT-J); channels beyond w are left as they
/// are.
/// </summary>
internal sealed class RotaryTable : IDisposable
{
    private readonly bool interleaved;
    private readonly long half;

    private RotaryTable(RotaryTable like, Func<Tensor, Tensor> change)
    {
        (interleaved, half) = (like.interleaved, like.half);
        KeyCosine = change(like.KeyCosine);
        KeySine = change(like.KeySine);
        QueryCosine = change(like.QueryCosine);
        QuerySine = change(like.QuerySine);
    }

    private RotaryTable(int positions, TransformerConfig config, Device device)
    {
        var (width, rotated, scale) = (config.HeadWidth, config.RotaryWidth ?? config.HeadWidth, 1 / Math.Sqrt(config.HeadWidth));
        if (!config.RotaryInterleaved && rotated != width)
            throw new InputException($"model shape: rotary-width is {rotated}; expected the head's {width}, or rotary-interleaved");
        (interleaved, half) = (config.RotaryInterleaved, width / 2);
        var (cosine, sine) = (new double[positions * width], new double[positions * width]);
        Array.Fill(cosine, 1);
        for (var i = 0; i < rotated / 2; i++)
        {
            var frequency = Frequency(i, rotated, config);
            var (first, second) = interleaved ? (2 * i, 2 * i + 1) : (i, i + width / 2);
            for (var position = 0; position < positions; position++)
            {
                var (angle, row) = (position * frequency, position * width);
                cosine[row + first] = cosine[row + second] = Math.Cos(angle);
                sine[row + first] = -(sine[row + second] = Math.Sin(angle));
            }
        }

        KeyCosine = Table(cosine, 1);
        KeySine = Table(sine, 1);
        QueryCosine = Table(cosine, scale);
        QuerySine = Table(sine, scale);

        Tensor Table(double[] values, double factor) =>
            tensor(Array.ConvertAll(values, value => (float)(value * factor)), [positions, 1, width], device: device)
                .DetachFromDisposeScope();
    }

    /// <summary>[P, 1, d], or [B, T, 1, d] of a selection; query factors carry attention's 1/√d too, which saves an operator.</summary>
    private Tensor KeyCosine { get; }

    private Tensor KeySine { get; }

    private Tensor QueryCosine { get; }

    private Tensor QuerySine { get; }

    public static RotaryTable Build(int positions, TransformerConfig config, Device device) => new(positions, config, device);

    /// <summary>
    /// The factors of some positions, [B, T] Int64, as a table [B, T, 1, d] of its own; the caller's dispose scope owns it.
    /// </summary>
    public RotaryTable At(Tensor positions_BT) => new(this, table_P1d =>
        table_P1d.index_select(0, positions_BT.reshape(-1)).view(positions_BT.shape[0], positions_BT.shape[1], 1, table_P1d.shape[2]));

    /// <summary>Takes the tables out of their dispose scope: whoever holds this disposes it.</summary>
    public void Detach()
    {
        foreach (var part in new[] { KeyCosine, KeySine, QueryCosine, QuerySine }) part.DetachFromDisposeScope();
    }

    /// <summary>Rotated queries, scaled by 1/√d: [B, T, H, d] to the same; fewer than the table has are the last ones.</summary>
    public Tensor Query(Tensor split) => Rotate(split, QueryCosine, QuerySine);

    /// <summary>Rotated keys: [B, T, K, d] to the same.</summary>
    public Tensor Key(Tensor split) => Rotate(split, KeyCosine, KeySine);

    public void Dispose()
    {
        KeyCosine.Dispose();
        KeySine.Dispose();
        QueryCosine.Dispose();
        QuerySine.Dispose();
    }

    private Tensor Rotate(Tensor split, Tensor cosine, Tensor sine)
    {
        var partner = interleaved ? split.reshape([.. split.shape[..^1], half, 2]).flip(-1).reshape(split.shape) : split.roll(half, -1);
        var positions = split.size(1);
        return split.mul(cosine.Last(-3, positions)).addcmul_(partner, sine.Last(-3, positions), Held(1));
    }

    private static double Frequency(int pair, int rotated, TransformerConfig config)
    {
        var frequency = Math.Pow(config.RotaryBase, -2.0 * pair / rotated);
        if (config.RotaryScaling is not { } scaling) return frequency;
        if (scaling.OriginalPositions is not { } original) return frequency / scaling.Factor;

        // LLaMA 3.1: by the number of turns within the positions of the first training.
        var turns = original * frequency / (2 * Math.PI);
        var (low, high) = (scaling.LowFrequencyFactor!.Value, scaling.HighFrequencyFactor!.Value);
        var kept = Math.Clamp((turns - low) / (high - low), 0, 1);
        return frequency * (kept + ((1 - kept) / scaling.Factor));
    }
}
