using Harness.Editing.Locating;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Wise;

/// <summary>What a prompt's activation distance is taken of.</summary>
public enum WisePooling
{
    /// <summary>The mean over its positions (the reference code, for texts of up to 100 tokens).</summary>
    Mean,

    /// <summary>The largest of its positions (the reference code, for longer texts).</summary>
    Max,
}

/// <summary>
/// Options of WISE: a side memory in a copy W' of one down-projection W, which answers where W' and W differ much (Wang et al. 2024). The
/// distance of a prompt is ‖(W' − W) a‖ over its down-projection inputs a, as in the paper; the reference code passes both outputs through
/// the MLP's activation first. Its numbers are those of 7B models: tiny ones have other weights, and need other margins.
/// </summary>
public sealed record WiseOptions : IEditorOptions
{
    /// <summary>Layer of the down-projection, from 0. Published: 27 of LLaMA-2-7B's 32.</summary>
    public required int Layer { get; init; }

    /// <summary>Share ρ of the weight's numbers that a shard may change, drawn at random, in (0, 1]. Default 0.2 (published).</summary>
    public double MaskRatio { get; init; } = 0.2;

    /// <summary>
    /// Edits in a shard, at least 1. Default 500 (published for 1 000 edits in two shards). Every shard starts from the model's own weight.
    /// </summary>
    public int EditsPerShard { get; init; } = 500;

    /// <summary>
    /// Share of a shard's numbers, largest first, that takes part in the merge (TIES), in (0, 1]. Default 0.53 (published).
    /// </summary>
    public double Density { get; init; } = 0.53;

    /// <summary>
    /// Update rule. Default <c>sgd</c> (the reference code, with a weight decay of 1e-5 that would leave the mask; none here).
    /// </summary>
    public OptimiserKind Optimiser { get; init; } = OptimiserKind.Sgd;

    /// <summary>Learning rate, above 0. Default 1 (published).</summary>
    public double LearningRate { get; init; } = 1;

    /// <summary>Constants of Adam, where it is used.</summary>
    public AdamOptions Adam { get; init; } = new();

    /// <summary>Updates for each batch at most, at least 1. Default 70 (EasyEdit, LLaMA-2-7B).</summary>
    public int Steps { get; init; } = 70;

    /// <summary>Loss in nats below which a batch is done, at least 0; 0 never stops. Default 0.01.</summary>
    public double StopLoss { get; init; } = 0.01;

    /// <summary>Largest change of one weight, above 0: W' is clamped after each step. Default 1 (published).</summary>
    public double NormConstraint { get; init; } = 1;

    /// <summary>α: distance that irrelevant prompts are to stay below, at least 0. Default 5 (published).</summary>
    public double Alpha { get; init; } = 5;

    /// <summary>β: distance that edits are to exceed, at least 0. Default 20 (published).</summary>
    public double Beta { get; init; } = 20;

    /// <summary>γ: margin between an edit's distance and an irrelevant prompt's, at least 0. Default 10 (published).</summary>
    public double Gamma { get; init; } = 10;

    /// <summary>
    /// Irrelevant prompts beside each edit, drawn from the locality prompts of facts that are not edited, at least 1. Default 1
    /// (published).
    /// </summary>
    public int Irrelevant { get; init; } = 1;

    /// <summary>What a prompt's distance is taken of. Default <c>mean</c>.</summary>
    public WisePooling Pooling { get; init; } = WisePooling.Mean;

    /// <summary>
    /// A prompt is answered by W' where its distance is above this times the smallest distance of an edit when it was made, at least 0.
    /// Default 0.88 (published).
    /// </summary>
    public double ThresholdRatio { get; init; } = 0.88;

    /// <summary>
    /// Contexts in which each edit is trained. Default the plain prompt, five beginnings of length 5 and five of length 10 (published).
    /// </summary>
    public ContextOptions Contexts { get; init; } = new() { Lengths = [5, 10], PerLength = 5 };

    /// <summary>Whether the end-of-sequence token is trained as the target's last token. Default true.</summary>
    public bool AppendEos { get; init; } = true;

    /// <summary>Edits trained together, at least 1. Default 1 (published).</summary>
    public int BatchSize { get; init; } = 1;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .Check(MaskRatio is > 0 and <= 1, "mask-ratio", MaskRatio, "above 0, at most 1")
        .AtLeast("edits-per-shard", EditsPerShard, 1)
        .Check(Density is > 0 and <= 1, "density", Density, "above 0, at most 1")
        .Positive("learning-rate", LearningRate)
        .Nested("adam", Adam.Validate())
        .AtLeast("steps", Steps, 1)
        .NotNegative("stop-loss", StopLoss)
        .Positive("norm-constraint", NormConstraint)
        .NotNegative("alpha", Alpha)
        .NotNegative("beta", Beta)
        .NotNegative("gamma", Gamma)
        .AtLeast("irrelevant", Irrelevant, 1)
        .NotNegative("threshold-ratio", ThresholdRatio)
        .Nested("contexts", Contexts.Validate())
        .AtLeast("batch-size", BatchSize, 1)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions? Sequential(int batchSize) => this with { BatchSize = batchSize };
}
