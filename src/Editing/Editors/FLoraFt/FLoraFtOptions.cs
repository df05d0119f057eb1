using Harness.Editing.Editors.FLora;

namespace Harness.Editing.Editors.FLoraFt;

/// <summary>Options of F-LoRA-FT: F-Learning that forgets with LoRA and learns with all weights; λ = 0 is Full-FT.</summary>
public sealed record FLoraFtOptions : LowRankFLearningOptions
{
    /// <summary>λ = 3 (zsRE and CounterFact, Llama2-7B and BLOOM-7B; LLaMA-7B on zsRE: 2).</summary>
    public FLoraFtOptions() => Lambda = 3;
}
