using Harness.Editing.Gradients;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.CrispEdit;

/// <summary>
/// Options of CrispEdit (Ikram et al. 2026, "CrispEdit: Low-Curvature Projections for Scalable Non-Destructive LLM Editing";
/// zarifikram/CrispEdit). Where it differs from the reference code: capabilities are those that the facts that are not edited speak of,
/// with the answers that the model gives, instead of articles of Wikipedia; Adam begins anew with every batch of edits, instead of a
/// projection of its first moment; the curvature is that of the unedited model throughout (the code's default too).
/// </summary>
public sealed record CrispEditOptions : IEditorOptions
{
    /// <summary>
    /// Layers of the tuned down-projections, ascending, from 0. Published: 19 to 23 of Llama-3-8B, 15 to 19 of Qwen2.5-7B.
    /// </summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>
    /// γ: share of the capability loss's curvature, in the sum of its eigenvalues, whose directions are not to be moved in; above 0 and
    /// below 1. Default 0.99 (its code's settings; its commands take 0.5 to 0.8 as well).
    /// </summary>
    public double Energy { get; init; } = 0.99;

    /// <summary>
    /// Edits at once, at least 0; 0, the default, is all (CrispEdit). Later batches start from the model that earlier ones left
    /// (CrispEdit-Seq; published 100).
    /// </summary>
    public int BatchSize { get; init; }

    /// <summary>
    /// Whether the edits of earlier batches are capabilities too, each token as much as another. Default true (CrispEdit-Seq).
    /// </summary>
    public bool KeepEdits { get; init; } = true;

    /// <summary>
    /// How it trains. Default as the reference: Adam at 5e-4, 25 epochs, mini-batches of 32, mean over tokens, no end-of-sequence token.
    /// </summary>
    public FineTuningOptions Tuning { get; init; } =
        new() { BatchSize = 32, LearningRate = 5e-4, LossAverage = LossAverage.Token, AppendEos = false };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(EditedMatrix.Validate(Layers, [MlpProjection.Down]))
        .Check(Energy is > 0 and < 1, "energy", Energy, "above 0 and below 1")
        .AtLeast("batch-size", BatchSize, 0)
        .Nested("tuning", Tuning.Validate())
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { BatchSize = batchSize };
}
