using Harness.Editing.Arithmetic;

namespace Harness.Editing.Editors.FLoraFt;

/// <summary>Options of F-LoRA-FT: F-Learning that forgets with LoRA and learns with all weights.</summary>
public sealed record FLoraFtOptions : LowRankFLearningOptions
{
    /// <summary>
    /// λ: how much of Δ_old is taken away, at least 0; 0 is Full-FT. Default 3 (zsRE and CounterFact, Llama2-7B and BLOOM-7B; LLaMA-7B on
    /// zsRE: 2).
    /// </summary>
    public double Lambda { get; init; } = 3;

    /// <inheritdoc/>
    internal override double Strength => Lambda;
}
