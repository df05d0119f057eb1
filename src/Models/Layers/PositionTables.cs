// T = positions, d = head width, g = heads in a group, S = g·T.
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>
/// What depends on the number of positions alone: rotary factors and the causal mask. Rotary positions (Su et al. 2021) in the rotate-half
/// convention, with the angle p · base^(−2i/d) for channels i and i + d/2: y = x · cos + roll(x, d/2) · sin, sin negative in the first
/// half.
/// </summary>
internal sealed class PositionTables : IDisposable
{
    // Products of very small matrices cost their call, not their arithmetic. Measured on one AVX2 core: attention over 8 positions takes
    // 0.6 times as long in groups of four heads, over 12 in groups of two; from 32 rows on, groups lose.
    private const int MostRowsInGroup = 32;

    private PositionTables(int positions, int heads, int headWidth, double rotaryBase)
    {
        HeadsInGroup = 1;
        while (heads % (2 * HeadsInGroup) == 0 && 2 * HeadsInGroup * positions <= MostRowsInGroup) HeadsInGroup *= 2;

        var (half, scale) = (headWidth / 2, 1 / Math.Sqrt(headWidth));
        var (cosine, sine) = (new double[positions * headWidth], new double[positions * headWidth]);
        for (var position = 0; position < positions; position++)
        {
            for (var i = 0; i < half; i++)
            {
                var angle = position * Math.Pow(rotaryBase, -2.0 * i / headWidth);
                var at = (position * headWidth) + i;
                cosine[at] = cosine[at + half] = Math.Cos(angle);
                sine[at] = -(sine[at + half] = Math.Sin(angle));
            }
        }

        var rows = HeadsInGroup * positions;
        var mask = Enumerable.Repeat(float.NegativeInfinity, rows * rows).ToArray();
        for (var to = 0; to < rows; to++)
            mask.AsSpan((to * rows) + to - (to % positions), (to % positions) + 1).Clear();

        KeyCosine_T1d = Table(cosine, 1);
        KeySine_T1d = Table(sine, 1);
        QueryCosine_T1d = Table(cosine, scale);
        QuerySine_T1d = Table(sine, scale);
        CausalMask_SS = tensor(mask, [rows, rows]).DetachFromDisposeScope();

        Tensor Table(double[] values, double factor) =>
            tensor(Array.ConvertAll(values, value => (float)(value * factor)), [positions, 1, headWidth]).DetachFromDisposeScope();
    }

    /// <summary>Heads of one sequence whose attention is one product of matrices, g; divides the number of heads.</summary>
    public int HeadsInGroup { get; }

    public Tensor KeyCosine_T1d { get; }

    public Tensor KeySine_T1d { get; }

    /// <summary>Query factors carry attention's 1/√d too, which saves an operator.</summary>
    public Tensor QueryCosine_T1d { get; }

    public Tensor QuerySine_T1d { get; }

    /// <summary>0 where a position may look, −∞ where it may not: behind it, and in another head.</summary>
    public Tensor CausalMask_SS { get; }

    public static PositionTables Build(int positions, TransformerConfig config)
    {
        // A table made in inference mode could not be used in training later.
        using var ordinary = inference_mode(false);
        using var gradientless = no_grad();
        return new PositionTables(positions, config.Heads, config.HeadWidth, config.RotaryBase);
    }

    public void Dispose()
    {
        KeyCosine_T1d.Dispose();
        KeySine_T1d.Dispose();
        QueryCosine_T1d.Dispose();
        QuerySine_T1d.Dispose();
        CausalMask_SS.Dispose();
    }
}
