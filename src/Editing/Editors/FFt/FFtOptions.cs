using Harness.Editing.Arithmetic;

namespace Harness.Editing.Editors.FFt;

/// <summary>Options of F-FT: F-Learning that forgets and learns with all weights.</summary>
public sealed record FFtOptions : FLearningOptions
{
    /// <summary>
    /// λ: how much of Δ_old is taken away, at least 0; 0 is Full-FT. Default 0.3 (zsRE, LLaMA-7B and Llama2-7B; CounterFact: 0.05 and 0.1;
    /// BLOOM-7B: 0.2).
    /// </summary>
    public double Lambda { get; init; } = 0.3;

    /// <inheritdoc/>
    internal override double Strength => Lambda;
}
