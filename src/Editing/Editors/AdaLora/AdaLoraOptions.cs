using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.AdaLora;

/// <summary>
/// Options of AdaLoRA (Zhang et al. 2023). Defaults are those of its implementation in PEFT, and EasyEdit's where PEFT has none. What
/// EasyEdit calls LoRA is mostly this with PEFT's allocator never called, so that all ranks stay: <c>target-rank: 12</c> does the same.
/// </summary>
public sealed record AdaLoraOptions : IEditorOptions
{
    /// <summary>Rank r0 of every adapter at first, at least 1. Default 12 (PEFT).</summary>
    public int InitialRank { get; init; } = 12;

    /// <summary>
    /// Mean rank of the adapters in the end, 1 to <see cref="InitialRank"/>; important ones keep more. The same as the initial rank prunes
    /// nothing. A run that stops before its last update is pruned to it then. Default 8 (PEFT).
    /// </summary>
    public int TargetRank { get; init; } = 8;

    /// <summary>Updates before pruning starts (t_i), at least 0. Default 0 (PEFT).</summary>
    public int InitialSteps { get; init; }

    /// <summary>
    /// Updates at the end with the choice of ranks fixed (t_f), at least 0; together with <see cref="InitialSteps"/> fewer than the run
    /// has. Default 0 (PEFT).
    /// </summary>
    public int FinalSteps { get; init; }

    /// <summary>Updates from one pruning to the next (ΔT), at least 1. Default 1 (PEFT; the paper: 100).</summary>
    public int PruningInterval { get; init; } = 1;

    /// <summary>β1: decay of the running mean of the sensitivity, in [0, 1). Default 0.85 (PEFT and the paper).</summary>
    public double SensitivityDecay { get; init; } = 0.85;

    /// <summary>β2: decay of the running mean of its uncertainty, in [0, 1). Default 0.85 (PEFT and the paper).</summary>
    public double UncertaintyDecay { get; init; } = 0.85;

    /// <summary>γ: weight of the orthogonality penalty, at least 0. Default 0.5 (PEFT; the paper: 0.1 to 0.5).</summary>
    public double OrthogonalityWeight { get; init; } = 0.5;

    /// <summary>
    /// Standard deviation of the first values of P and Q, above 0; Λ starts at zero. Default 0.02 (PEFT and the paper's code).
    /// </summary>
    public double StartDeviation { get; init; } = 0.02;

    /// <summary>α, above 0: the change is α/r0 · P Λ Q, whatever ranks are left (PEFT). Default 32 (EasyEdit).</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Share of inputs dropped while training, in [0, 1). Default 0.1 (EasyEdit).</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Layers with adapters, from 0, none twice. Null, the default, is all (EasyEdit).</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Projections with adapters, none twice. Default query and value (EasyEdit; the paper: all).</summary>
    public IReadOnlyList<AdaptedProjection> Projections { get; init; } = LowRankTargets.QueryAndValue;

    /// <summary>How it trains. Default: Adam at 5e-3, 70 steps where it is depth-first, which EasyEdit is, with batches of 1.</summary>
    public FineTuningOptions Tuning { get; init; } = new() { Steps = 70, LearningRate = 5e-3 };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("initial-rank", InitialRank, 1)
        .Check(TargetRank >= 1 && TargetRank <= InitialRank, "target-rank", TargetRank, "1 to initial-rank")
        .AtLeast("initial-steps", InitialSteps, 0)
        .AtLeast("final-steps", FinalSteps, 0)
        .AtLeast("pruning-interval", PruningInterval, 1)
        .BelowOne("sensitivity-decay", SensitivityDecay)
        .BelowOne("uncertainty-decay", UncertaintyDecay)
        .NotNegative("orthogonality-weight", OrthogonalityWeight)
        .Positive("start-deviation", StartDeviation)
        .Positive("alpha", Alpha)
        .BelowOne("dropout", Dropout)
        .Include(Targets.Validate())
        .Nested("tuning", Tuning.Validate())
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };

    /// <summary>Where the adapters are.</summary>
    internal LowRankTargets Targets => new(Layers, Projections);
}
