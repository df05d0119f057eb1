// D = model width, or the width of a head.
using Harness.Models.Weights;
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>
/// Normalises the last dimension, in float32: weight · x / √(mean(x²) + ε) (Zhang and Sennrich 2019), or, where there is a bias,
/// weight · (x − mean) / √(variance + ε) + bias (Ba et al. 2016).
/// </summary>
internal sealed class Norm(Weight weight_D, Weight? bias_D, double epsilon)
{
    private static readonly long[] Last = [-1];

    public Tensor Apply(Tensor hidden)
    {
        if (bias_D is not null) return nn.functional.layer_norm(hidden, weight_D.Shape, weight_D.Live, bias_D.Live, epsilon);
        using var scope = NewDisposeScope();
        var inverse = hidden.pow(Held(2)).mean(Last, true).PlusInPlace(Held(epsilon)).rsqrt();
        return hidden.mul(inverse).mul(weight_D.Live).MoveToOuterDisposeScope();
    }
}
