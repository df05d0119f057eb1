// H = heads.
using static TorchSharp.torch;

namespace Harness.Models.Layers;

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
