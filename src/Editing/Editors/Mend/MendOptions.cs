namespace Harness.Editing.Editors.Mend;

/// <summary>Options of MEND: Model Editor Networks with Gradient Decomposition (Mitchell et al. 2022).</summary>
public sealed record MendOptions : IEditorOptions
{
    /// <summary>How its hypernetwork is made and trained, which also says what is edited.</summary>
    public required MendTrainingOptions Training { get; init; }

    /// <summary>
    /// Requests edited at once, at least 0; 0, the default, is all, as MEND's batched edits: their changes are added up. Later batches are
    /// read at the model that earlier ones left.
    /// </summary>
    public int BatchSize { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() =>
        new OptionChecks().Nested("training", Training.Validate()).AtLeast("batch-size", BatchSize, 0).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { BatchSize = batchSize };
}
