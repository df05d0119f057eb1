// B = batch, T = positions, D = model width, I = MLP width.
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>One pre-norm layer: attention, then an MLP with SwiGLU gating (Shazeer 2020), each added to the residual stream.</summary>
internal sealed class DecoderLayer(
    int number, RmsNorm attentionNorm, Attention attention, RmsNorm mlpNorm, Projection gate, Projection up, Projection down)
{
    /// <summary>The layer's output. Hooks are called outside every scope of the layer's own.</summary>
    /// <param name="hidden_BTD">The residual stream before the layer.</param>
    /// <param name="tables">Tables of T positions.</param>
    /// <param name="hook">Sees and may replace activations.</param>
    /// <param name="own">Whether the layer made the result, so that it may be disposed early; a hook's replacement may not.</param>
    public Tensor Apply(Tensor hidden_BTD, PositionTables tables, IActivationHook? hook, out bool own)
    {
        using var attended_BTD = Attend(hidden_BTD, tables);
        using var ownKey_BTI = Key(attended_BTD);
        var key_BTI = hook is null ? ownKey_BTI : hook.DownProjectionInput(number, ownKey_BTI);
        using var ownValue_BTD = down.Apply(key_BTI);
        var value_BTD = hook is null ? ownValue_BTD : hook.MlpOutput(number, ownValue_BTD);
        var ownOutput_BTD = attended_BTD + value_BTD;
        var output_BTD = hook is null ? ownOutput_BTD : hook.LayerOutput(number, ownOutput_BTD);
        own = ReferenceEquals(output_BTD, ownOutput_BTD);
        if (!own) ownOutput_BTD.Dispose();
        return output_BTD;
    }

    private Tensor Attend(Tensor hidden_BTD, PositionTables tables)
    {
        using var scope = NewDisposeScope();
        return attention.Apply(attentionNorm.Apply(hidden_BTD), tables).add(hidden_BTD).MoveToOuterDisposeScope();
    }

    private Tensor Key(Tensor attended_BTD)
    {
        using var scope = NewDisposeScope();
        var normed_BTD = mlpNorm.Apply(attended_BTD);
        return nn.functional.silu(gate.Apply(normed_BTD)).mul(up.Apply(normed_BTD)).MoveToOuterDisposeScope();
    }
}
