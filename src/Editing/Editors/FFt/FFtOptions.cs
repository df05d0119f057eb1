using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FFt;

/// <summary>Options of F-FT: F-Learning that forgets and learns with all weights; λ = 0 is Full-FT.</summary>
public sealed record FFtOptions : FLearningOptions
{
    /// <summary>λ = 0.3 (zsRE, LLaMA-7B and Llama2-7B; CounterFact: 0.05 and 0.1; BLOOM-7B: 0.2).</summary>
    public FFtOptions() => Lambda = 0.3;
}

/// <summary>Options of F-Learning (Ni et al. 2023): θ* = FT{θ0 − λ Δ_old, K_new} with Δ_old = FT{θ0, K_old} − θ0.</summary>
public abstract record FLearningOptions : IEditorOptions
{
    /// <summary>
    /// λ: how much of Δ_old is taken away, at least 0; 0 only learns. Each editor has its own default, the paper's for zsRE and LLaMA.
    /// </summary>
    public double Lambda { get; init; }

    /// <summary>
    /// How it forgets. Null, the default, is as it learns (the paper: 3 epochs, batches of 4, accumulation 4, for both); where it is given,
    /// what it leaves out has the general defaults and not those of <see cref="Tuning"/>.
    /// </summary>
    public FineTuningOptions? Forgetting { get; init; }

    /// <summary>
    /// How it learns. Default the paper's: 3 epochs, batches of 4, accumulation 4, learning rate 5e-5, never stopped early.
    /// </summary>
    public FineTuningOptions Tuning { get; init; } =
        new() { Epochs = 3, BatchSize = 4, GradientAccumulation = 4, LearningRate = 5e-5, StopLoss = 0 };

    /// <summary>K_old. Default <c>data-set</c> (the paper).</summary>
    public OldKnowledge OldKnowledge { get; init; } = OldKnowledge.DataSet;

    /// <summary>Longest generated old answer in tokens, at least 1; <c>old-knowledge: model</c> only. Default 16 (as DFT's).</summary>
    public int GeneratedTokens { get; init; } = 16;

    /// <summary>
    /// Edits that are forgotten and learnt at once, at least 1; the next ones then start from the model that these left. Null, the default,
    /// is all (the paper).
    /// </summary>
    public int? EditsAtOnce { get; init; }

    /// <summary>How it forgets.</summary>
    internal FineTuningOptions ForgettingInForce => Forgetting ?? Tuning;

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Validate() => new OptionChecks()
        .NotNegative("lambda", Lambda)
        .Nested("forgetting", Forgetting?.Validate() ?? [])
        .Nested("tuning", Tuning.Validate())
        .AtLeast("generated-tokens", GeneratedTokens, 1)
        .AtLeast("edits-at-once", EditsAtOnce ?? 1, 1)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { EditsAtOnce = batchSize };
}
