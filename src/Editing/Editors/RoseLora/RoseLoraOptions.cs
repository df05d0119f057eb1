using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.RoseLora;

/// <summary>
/// Options of RoseLoRA, row and column-wise sparse LoRA (Wang et al. 2024). Defaults are its published code's for LLaMA-2-7B: Adam at
/// 5e-4, done below a loss of 0.1; that code is depth-first, with batches of 1 and 25 steps at most.
/// </summary>
public sealed record RoseLoraOptions : LowRankOptions
{
    /// <summary>Sets the defaults that differ from LoRA's.</summary>
    public RoseLoraOptions() => Tuning = new() { LearningRate = 5e-4, StopLoss = 0.1 };

    /// <summary>
    /// Share of each row of A and of each column of B that is left in the end, above 0 and at most 1; at least one element stays. Default
    /// 0.05.
    /// </summary>
    public double Density { get; init; } = 0.05;

    /// <summary>
    /// Passes that leave everything, at least 0; then the share falls with a cubic. A pass is an epoch, or depth-first an update of the
    /// batch, with which the schedule starts anew. Default 3.
    /// </summary>
    public int DensePasses { get; init; } = 3;

    /// <summary>Pass from which on the share is <see cref="Density"/>, above <see cref="DensePasses"/>. Default 20.</summary>
    public int SparseFrom { get; init; } = 20;

    /// <summary>Decay of the running mean of |w · ∂loss/∂w|, by which elements are chosen, in [0, 1). Default 0.8.</summary>
    public double ImportanceDecay { get; init; } = 0.8;

    /// <summary>Largest element of A and B once they are thinned out, above 0; null sets no bound. Default 0.02.</summary>
    public double? Largest { get; init; } = 0.02;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(base.Validate())
        .Check(Density is > 0 and <= 1, "density", Density, "above 0 and at most 1")
        .AtLeast("dense-passes", DensePasses, 0)
        .Check(SparseFrom > DensePasses, "sparse-from", SparseFrom, "more than dense-passes")
        .BelowOne("importance-decay", ImportanceDecay)
        .Positive("largest", Largest ?? 1)
        .Violations;
}
