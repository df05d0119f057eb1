using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.RecAdam;

/// <summary>
/// Options of RecAdam (Chen et al. 2020, "Recall and Learn: Fine-tuning Deep Pretrained Language Models with Less Forgetting";
/// Sanyuan-Chen/RecAdam): fine-tuning of all weights that is drawn back to the weights before it. It is the regularised fine-tuning that
/// facts are updated by in Lee et al. 2022, "Plug-and-Play Adaptation for Continuously-updated QA", whose code's settings are the defaults
/// of what RecAdam adds. Where it differs from the reference code: ε stands behind Adam's correction of its moments, as in the paper of
/// Adam. Without a pull and with weight 1 throughout it is Full-FT.
/// </summary>
public sealed record RecAdamOptions : IEditorOptions
{
    /// <summary>Layers whose weights are tuned, from 0, none twice. Null, the default, is all weights (published).</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>γ: weight of the pull back, ½ γ ‖θ − θ₀‖², at least 0. Default 5000 (published).</summary>
    public double Pull { get; init; } = 5000;

    /// <summary>How the edits' weight λ grows with the updates t. Default <c>sigmoid</c> (published).</summary>
    public Annealing Annealing { get; init; } = Annealing.Sigmoid;

    /// <summary>k of λ(t) = 1 / (1 + e^−k(t − t₀)), per update, above 0. Default 0.5 (Chen et al.: the best of 0.05 to 1).</summary>
    public double AnnealingRate { get; init; } = 0.5;

    /// <summary>
    /// t₀: updates after which λ is ½ (sigmoid) or 1 (linear), above 0. Default 10 (Chen et al., of thousands of updates: the best of 100
    /// to 1000).
    /// </summary>
    public double AnnealingMiddle { get; init; } = 10;

    /// <summary>λ where it does not grow, 0 to 1. Default 0.5: the edits and the pull back alike.</summary>
    public double ConstantWeight { get; init; } = 0.5;

    /// <summary>
    /// How it trains. Default as Full-FT (Lee et al.: AdamW at 4e-4, decay 0.01, batches of 64, 40 epochs). Learning rate ·
    /// <see cref="Pull"/> is the share of the way back that an update goes where λ is 0, and must be at most 2.
    /// </summary>
    public FineTuningOptions Tuning { get; init; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .SomeLayersOrAll(Layers)
        .NotNegative("pull", Pull)
        .Positive("annealing-rate", AnnealingRate)
        .Positive("annealing-middle", AnnealingMiddle)
        .Check(ConstantWeight is >= 0 and <= 1, "constant-weight", ConstantWeight, "0 to 1")
        .Nested("tuning", Tuning.Validate())
        .Check(Tuning.LearningRate * Pull <= 2, "pull · tuning.learning-rate", Tuning.LearningRate * Pull,
            "at most 2: each way back overshoots by more otherwise; lower one of them")
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };

    /// <summary>λ(t).</summary>
    /// <param name="update">t, from 1.</param>
    internal double Weight(int update) => Annealing switch
    {
        Annealing.Sigmoid => 1 / (1 + Math.Exp(-AnnealingRate * (update - AnnealingMiddle))),
        Annealing.Linear => Math.Min(1, update / AnnealingMiddle),
        _ => ConstantWeight,
    };
}

/// <summary>How the weight of the edits grows.</summary>
public enum Annealing
{
    /// <summary>By a sigmoid.</summary>
    Sigmoid,

    /// <summary>In proportion to the updates, up to 1.</summary>
    Linear,

    /// <summary>Not at all.</summary>
    Constant,
}
