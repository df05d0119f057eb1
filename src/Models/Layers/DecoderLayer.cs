// B = batch, T = positions, L = last positions, those whose output is wanted, D = model width, I = MLP width.
using Harness.Models.Generation;
using Harness.Models.Weights;
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>
/// One pre-norm layer: attention, then an MLP or a mixture of them, each added to the residual stream; without an MLP norm of its own, both
/// read the same norm of the same stream (GPT-J).
/// </summary>
internal sealed class DecoderLayer(
    int number, Norm attentionNorm, Attention attention, Norm? mlpNorm, Mlp? mlp, MixedMlp? mixed, IReadOnlyList<Weight> weights)
{
    /// <summary>The layer's weights, for reading them once for many uses.</summary>
    public IReadOnlyList<Weight> Weights => weights;

    /// <summary>The layer's output. Hooks are called outside every scope of the layer's own.</summary>
    /// <param name="hidden_BTD">The residual stream before the layer.</param>
    /// <param name="tables">Tables of T positions; null where a cache takes their place.</param>
    /// <param name="cache">Keys and values of earlier positions, or null.</param>
    /// <param name="hook">Sees and may replace activations.</param>
    /// <param name="last">L, 1 to T; only attention's keys and values need the others.</param>
    /// <param name="own">Whether the layer made the result, so that it may be disposed early; a hook's replacement may not.</param>
    public Tensor Apply(Tensor hidden_BTD, PositionTables? tables, KeyValueCache? cache, IActivationHook? hook, long last, out bool own)
    {
        var (mixed_BLD, read_BLD) = Mix(hidden_BTD, tables, cache, last);
        using var attended_BLD = Attend(hook is null ? mixed_BLD : hook.AttentionOutput(number, mixed_BLD), hidden_BTD, last);
        mixed_BLD.Dispose();
        using var normed_BLD = read_BLD ?? mlpNorm!.Apply(attended_BLD);
        hook?.MlpInput(number, normed_BLD);
        using var ownValue_BLD = mlp is null ? mixed!.Apply(normed_BLD) : Value(mlp, normed_BLD, hook);
        var value_BLD = hook is null ? ownValue_BLD : hook.MlpOutput(number, ownValue_BLD);
        var ownOutput_BLD = attended_BLD.Plus(value_BLD);
        var output_BLD = hook is null ? ownOutput_BLD : hook.LayerOutput(number, ownOutput_BLD);
        own = ReferenceEquals(output_BLD, ownOutput_BLD);
        if (!own) ownOutput_BLD.Dispose();
        return output_BLD;
    }

    // What attention adds to the stream, and the norm that the MLP reads where it has none of its own.
    private (Tensor Mixed_BLD, Tensor? Read_BLD) Mix(Tensor hidden_BTD, PositionTables? tables, KeyValueCache? cache, long last)
    {
        using var scope = NewDisposeScope();
        var normed_BTD = attentionNorm.Apply(hidden_BTD);
        var mixed_BLD = cache is null ? attention.Apply(normed_BTD, tables!, last) : attention.Apply(normed_BTD, cache, number, last);
        return (mixed_BLD.MoveToOuterDisposeScope(), mlpNorm is null ? normed_BTD.Last(1, last).MoveToOuterDisposeScope() : null);
    }

    private static Tensor Attend(Tensor mixed_BLD, Tensor hidden_BTD, long last)
    {
        using var scope = NewDisposeScope();
        return mixed_BLD.Plus(hidden_BTD.Last(1, last)).MoveToOuterDisposeScope();
    }

    private Tensor Value(Mlp mlp, Tensor normed_BLD, IActivationHook? hook)
    {
        using var ownKey_BLI = mlp.Key(normed_BLD);
        return mlp.Value(hook is null ? ownKey_BLI : hook.DownProjectionInput(number, ownKey_BLI));
    }
}
