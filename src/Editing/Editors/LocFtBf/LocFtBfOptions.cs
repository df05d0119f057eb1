using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.LocFtBf;

/// <summary>
/// Options of LocFT-BF: breadth-first fine-tuning of one location (Yang et al. 2025, "Fine-tuning Done Right in Model Editing").
/// </summary>
public sealed record LocFtBfOptions : IEditorOptions
{
    /// <summary>Layer, from 0. Published: 22 of Llama-3-8B, 23 of Mistral-7B, 6 of Qwen2.5-7B, 20 of Qwen1.5-MoE.</summary>
    public required int Layer { get; init; }

    /// <summary>Part of the layer. Default <c>down</c> (published; Mistral: <c>layer</c>).</summary>
    public TunedModule Module { get; init; } = TunedModule.Down;

    /// <summary>How it trains. Default: the reference code's, learning rate 5e-4 (Mistral's whole layer: 5e-5).</summary>
    public FineTuningOptions Tuning { get; init; } = new() { LearningRate = 5e-4 };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks().AtLeast("layer", Layer, 0).Nested("tuning", Tuning.Validate()).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };
}
