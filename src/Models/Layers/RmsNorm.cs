// D = model width.
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>weight · x / √(mean(x²) + ε) over the last dimension (Zhang and Sennrich 2019), in float32.</summary>
internal sealed class RmsNorm(Parameter weight_D, double epsilon)
{
    private static readonly long[] Last = [-1];

    public Tensor Apply(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var inverse = hidden.square().mean(Last, true).add_(epsilon).rsqrt();
        return hidden.mul(inverse).mul(weight_D).MoveToOuterDisposeScope();
    }
}
