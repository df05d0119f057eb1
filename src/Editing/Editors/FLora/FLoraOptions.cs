using Harness.Editing.Arithmetic;

namespace Harness.Editing.Editors.FLora;

/// <summary>Options of F-LoRA: F-Learning that forgets and learns with LoRA.</summary>
public sealed record FLoraOptions : LowRankFLearningOptions
{
    /// <summary>
    /// λ: how much of Δ_old is taken away, at least 0; 0 is LoRA. Default 0.7 (zsRE, LLaMA-7B and Llama2-7B; CounterFact: 1 and 1.5;
    /// BLOOM-7B: 0.1).
    /// </summary>
    public double Lambda { get; init; } = 0.7;

    /// <inheritdoc/>
    internal override double Strength => Lambda;
}
