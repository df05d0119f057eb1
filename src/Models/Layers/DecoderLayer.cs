// B = batch, T = positions, D = model width, I = MLP width.
using Harness.Models.Generation;
using Harness.Models.Weights;
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>
/// One pre-norm layer: attention, then an MLP or a mixture of them, each added to the residual stream; without an MLP norm of its own, both read
/// the same norm of the same stream (GPT-J).
/// </summary>
internal sealed class DecoderLayer(int number, Norm attentionNorm, Attention attention, Norm? mlpNorm, Mlp? mlp, MixedMlp? mixed, IReadOnlyList<Weight> weights)
{
    /// <summary>The layer's weights, for reading them once for many uses.</summary>
    public IReadOnlyList<Weight> Weights => weights;

    /// <summary>The layer's output. Hooks are called outside every scope of the layer's own.</summary>
    /// <param name="hidden_BTD">The residual stream before the layer.</param>
    /// <param name="tables">Tables of T positions; null where a cache takes their place.</param>
    /// <param name="cache">Keys and values of earlier positions, or null.</param>
    /// <param name="hook">Sees and may replace activations.</param>
    /// <param name="own">Whether the layer made the result, so that it may be disposed early; a hook's replacement may not.</param>
    public Tensor Apply(Tensor hidden_BTD, PositionTables? tables, KeyValueCache? cache, IActivationHook? hook, out bool own)
    {
        var (attended_BTD, normed_BTD) = Attend(hidden_BTD, tables, cache);
        using var attendedScope = attended_BTD;
        using var normedScope = normed_BTD;
        using var ownValue_BTD = mlp is null ? mixed!.Apply(normed_BTD) : Value(mlp, normed_BTD, hook);
        var value_BTD = hook is null ? ownValue_BTD : hook.MlpOutput(number, ownValue_BTD);
        var ownOutput_BTD = attended_BTD + value_BTD;
        var output_BTD = hook is null ? ownOutput_BTD : hook.LayerOutput(number, ownOutput_BTD);
        own = ReferenceEquals(output_BTD, ownOutput_BTD);
        if (!own) ownOutput_BTD.Dispose();
        return output_BTD;
    }

    // The stream after attention, and what the MLP reads.
    private (Tensor Attended_BTD, Tensor Normed_BTD) Attend(Tensor hidden_BTD, PositionTables? tables, KeyValueCache? cache)
    {
        using var scope = NewDisposeScope();
        var normed_BTD = attentionNorm.Apply(hidden_BTD);
        var mixed_BTD = cache is null ? attention.Apply(normed_BTD, tables!) : attention.Apply(normed_BTD, cache, number);
        var attended_BTD = mixed_BTD.add(hidden_BTD);
        if (mlpNorm is not null) normed_BTD = mlpNorm.Apply(attended_BTD);
        return (attended_BTD.MoveToOuterDisposeScope(), normed_BTD.MoveToOuterDisposeScope());
    }

    private Tensor Value(Mlp mlp, Tensor normed_BTD, IActivationHook? hook)
    {
        using var ownKey_BTI = mlp.Key(normed_BTD);
        return mlp.Value(hook is null ? ownKey_BTI : hook.DownProjectionInput(number, ownKey_BTI));
    }
}
