using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.LocFtBf;

/// <summary>
/// Options of LocFT-BF: breadth-first fine-tuning of one location (Yang et al. 2025, "Fine-tuning Done Right in Model Editing"). Layer:
/// published are 22 of Llama-3-8B, 23 of Mistral-7B, 6 of Qwen2.5-7B, 20 of Qwen1.5-MoE. Module: published is <c>down</c>, for Mistral
/// <c>layer</c>. It trains as the reference code, with learning rate 5e-4 (Mistral's whole layer: 5e-5).
/// </summary>
public sealed record LocFtBfOptions : LocationOptions
{
    /// <summary>Sets the defaults that differ from other editors'.</summary>
    public LocFtBfOptions() => Tuning = new() { LearningRate = 5e-4 };
}
