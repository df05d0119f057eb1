namespace Harness.Editing.Editors.RlEdit;

/// <summary>Options of RLEdit: Reinforced Lifelong Editing (Li et al. 2025).</summary>
public sealed record RlEditOptions : IEditorOptions
{
    /// <summary>How its hypernetwork is made and trained, which also says what is edited.</summary>
    public required RlEditTrainingOptions Training { get; init; }

    /// <summary>
    /// Requests of a turn, at least 0; 0 is all at once. Default 20 (published). Later turns are read at the model that earlier ones left,
    /// and the normalisers take each turn up, as in training.
    /// </summary>
    public int BatchSize { get; init; } = 20;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() =>
        new OptionChecks().Nested("training", Training.Validate()).AtLeast("batch-size", BatchSize, 0).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { BatchSize = batchSize };
}
