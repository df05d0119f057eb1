using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FullFt;

/// <summary>Options of Full-FT: fine-tuning of all weights.</summary>
public sealed record FullFtOptions : IEditorOptions
{
    /// <summary>How it trains.</summary>
    public FineTuningOptions Tuning { get; init; } = new();

    /// <summary>
    /// Whether the token embeddings stay as they are. Where the head shares their matrix, both must be frozen or neither. Default false
    /// (F-Learning, DFT).
    /// </summary>
    public bool FreezeEmbeddings { get; init; }

    /// <summary>Whether the head stays as it is. Default false (F-Learning, DFT).</summary>
    public bool FreezeHead { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks().Nested("tuning", Tuning.Validate()).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };
}
