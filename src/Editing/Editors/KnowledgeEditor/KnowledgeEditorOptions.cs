using Harness.Editing.Gradients;
using Harness.Editing.Hypernetworks;

namespace Harness.Editing.Editors.KnowledgeEditor;

/// <summary>Options of KnowledgeEditor (De Cao, Aziz and Titov 2021, "Editing Factual Knowledge in Language Models").</summary>
public sealed record KnowledgeEditorOptions : IEditorOptions
{
    /// <summary>How its hypernetwork is made and trained, which also says what is edited.</summary>
    public required KnowledgeEditorTrainingOptions Training { get; init; }

    /// <summary>
    /// Requests edited at once, at least 0; 0 is all: their shifts, each of the model before them, are added up. Default 1 (published:
    /// single edits). Later ones are read at the model that earlier ones left.
    /// </summary>
    public int BatchSize { get; init; } = 1;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() =>
        new OptionChecks().Nested("training", Training.Validate()).AtLeast("batch-size", BatchSize, 0).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { BatchSize = batchSize };
}

/// <summary>
/// How KnowledgeEditor's hypernetwork is made and trained. Defaults are those of its code for sequence-to-sequence models
/// (nicola-decao/KnowledgeEditor). Where it differs: the MLPs' projections of some layers are edited, and not all matrices; layers have no
/// weight normalisation; the embeddings that the conditioner reads are the model's own and stay as they are; losses have no label
/// smoothing; updates are Adam's at a constant rate, where the code warms RMSprop up; the margin does not shrink while it trains.
/// </summary>
public sealed record KnowledgeEditorTrainingOptions
{
    /// <summary>Layers of the edited matrices, ascending, from 0. Published: all; MEND's comparison: the last three.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>
    /// Edited projections of each of the layers, any of <c>down</c>, <c>up</c>, <c>gate</c>. Default <c>[down, up]</c> (MEND's comparison).
    /// </summary>
    public IReadOnlyList<MlpProjection> Projections { get; init; } = [MlpProjection.Down, MlpProjection.Up];

    /// <summary>
    /// Width of the LSTM's states in each direction, and of each matrix's inner layer, at least 1. Default 128 (published).
    /// </summary>
    public int HiddenWidth { get; init; } = 128;

    /// <summary>Width of the condition h that all matrices share, at least 1. Default 1024 (published).</summary>
    public int ConditionWidth { get; init; } = 1024;

    /// <summary>Largest gate: the shift's scale is this times σ(η), above 0. Default 1 (published).</summary>
    public double MaxScale { get; init; } = 1;

    /// <summary>
    /// Whether the end-of-sequence token is the answers' last token. Default true (published: BART's answers end with it).
    /// </summary>
    public bool AppendEos { get; init; } = true;

    /// <summary>What an edited model is to answer. Default <c>prompt-and-rephrase</c> (published, with its rephrasings).</summary>
    public WantedPrompts Wanted { get; init; } = WantedPrompts.PromptAndRephrase;

    /// <summary>
    /// Edits that are made at once while training, at least 1; all examples where there are no more. Their shifts are added up. Default 1
    /// (published); where many edits are made, one after another too, the network has to learn it so.
    /// </summary>
    public int EditsPerBatch { get; init; } = 1;

    /// <summary>
    /// Prompts of other facts that each update is to leave as they are, at least 1, drawn from the locality prompts of all examples.
    /// Default 63 (published: batches of 64).
    /// </summary>
    public int Kept { get; init; } = 63;

    /// <summary>m: divergence on them that is allowed, in nats, at least 0. Default 1e-3 (published, where it shrinks to 1e-5).</summary>
    public double Margin { get; init; } = 1e-3;

    /// <summary>
    /// Rate at which the constraint's multiplier follows what is above or below the margin, at least 0; it begins at 1. Default 0.1
    /// (published).
    /// </summary>
    public double MultiplierRate { get; init; } = 0.1;

    /// <summary>Updates, at least 1; there is no early stop. Default 10 000 (published: 200 000 at most).</summary>
    public int Steps { get; init; } = 10_000;

    /// <summary>Adam's learning rate, above 0. Default 3e-4 (published).</summary>
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(EditedMatrix.Validate(Layers, Projections))
        .AtLeast("hidden-width", HiddenWidth, 1)
        .AtLeast("condition-width", ConditionWidth, 1)
        .Positive("max-scale", MaxScale)
        .AtLeast("edits-per-batch", EditsPerBatch, 1)
        .AtLeast("kept", Kept, 1)
        .NotNegative("margin", Margin)
        .NotNegative("multiplier-rate", MultiplierRate)
        .AtLeast("steps", Steps, 1)
        .Positive("learning-rate", LearningRate)
        .Violations;
}
