// B = batch, T = positions, D = model width, I = MLP width.
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>down(act(up(x))), or with a gate down(act(gate(x)) · up(x)) (SwiGLU, Shazeer 2020).</summary>
internal sealed class Mlp(Activation activation, Projection? gate, Projection up, Projection down)
{
    /// <summary>The down-projection's input, [..., D] to [..., I].</summary>
    public Tensor Key(Tensor normed)
    {
        using var scope = NewDisposeScope();
        var key = gate is null ? Act(up.Apply(normed)) : Act(gate.Apply(normed)).mul(up.Apply(normed));
        return key.MoveToOuterDisposeScope();
    }

    /// <summary>The down-projection, [..., I] to [..., D].</summary>
    public Tensor Value(Tensor key) => down.Apply(key);

    private Tensor Act(Tensor input) => activation switch
    {
        Activation.Silu => nn.functional.silu(input),
        Activation.Gelu => nn.functional.gelu(input),
        _ => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh),
    };
}
