using Harness.Editing.Gradients;

namespace Harness.Editing.Editors.UltraEdit;

/// <summary>
/// Options of UltraEdit (Gu et al. 2025, "UltraEdit: Training-, Subject-, and Memory-Free Lifelong Editing in Large Language Models").
/// Where paper and reference code differ, the defaults are the code's.
/// </summary>
public sealed record UltraEditOptions : IEditorOptions
{
    /// <summary>
    /// Layers of the edited matrices, ascending, from 0. Published: 29 and 30 (Mistral-7B, down), 18 to 26 (GPT-J, down; Qwen2.5-7B, gate
    /// and up), 11 to 15 gate and 18 to 24 up (Llama-3-8B).
    /// </summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>Edited projections of each of the layers, any of <c>down</c>, <c>up</c>, <c>gate</c>. Default <c>[down]</c>.</summary>
    public IReadOnlyList<MlpProjection> Projections { get; init; } = [MlpProjection.Down];

    /// <summary>
    /// η in v = −η ‖h̃‖² g̃, above 0. Default 1e-6 (published, 7B). Normalised, ‖h̃‖² is about the matrix's number of inputs and each
    /// element of g̃ about 1, so that an output moves by about η times the inputs (0.014 at 14 336): narrow models need more.
    /// </summary>
    public double LearningRate { get; init; } = 1e-6;

    /// <summary>λ in (HᵀH + λ) ΔWᵀ = HᵀV, above 0. Default 1 (published).</summary>
    public double Ridge { get; init; } = 1;

    /// <summary>Whether the equations take normalised inputs. Default false: the reference code solves with the raw ones.</summary>
    public bool NormalisedKeys { get; init; }

    /// <summary>Which tokens are read. Default <c>answer</c> (published).</summary>
    public ReadTokens Tokens { get; init; } = ReadTokens.Answer;

    /// <summary>Whether the end-of-sequence token is edited in as the answer's last token. Default false (published).</summary>
    public bool AppendEos { get; init; }

    /// <summary>
    /// Requests of a turn, at least 0; 0 is all at once. Default 100 (published). Later turns start from the model that earlier ones left.
    /// </summary>
    public int BatchSize { get; init; } = 100;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(EditedMatrix.Validate(Layers, Projections))
        .Positive("learning-rate", LearningRate)
        .Positive("ridge", Ridge)
        .AtLeast("batch-size", BatchSize, 0)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { BatchSize = batchSize };
}
