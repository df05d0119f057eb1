using Harness.Editing.Editors.FFt;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FLora;

/// <summary>Options of F-LoRA: F-Learning that forgets and learns with LoRA; λ = 0 is LoRA.</summary>
public sealed record FLoraOptions : LowRankFLearningOptions
{
    /// <summary>λ = 0.7 (zsRE, LLaMA-7B and Llama2-7B; CounterFact: 1 and 1.5; BLOOM-7B: 0.1).</summary>
    public FLoraOptions() => Lambda = 0.7;
}

/// <summary>Options of F-Learning with LoRA in one part or both.</summary>
public abstract record LowRankFLearningOptions : FLearningOptions
{
    /// <summary>Rank r, at least 1. Default 8 (EasyEdit).</summary>
    public int Rank { get; init; } = 8;

    /// <summary>α, above 0: the change is α/r · B A. Default 32 (EasyEdit).</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Share of inputs dropped while training, in [0, 1). Default 0.1 (EasyEdit).</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>First values of A; B starts at zero. Default <c>kaiming</c> (PEFT).</summary>
    public LowRankStart Start { get; init; } = LowRankStart.Kaiming;

    /// <summary>Layers with adapters, from 0, none twice. Null, the default, is all (F-Learning).</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Projections with adapters, none twice. Default query and value (F-Learning).</summary>
    public IReadOnlyList<AdaptedProjection> Projections { get; init; } = LowRankTargets.QueryAndValue;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() => new OptionChecks().Include(base.Validate()).Include(Settings.Validate()).Violations;

    /// <summary>The adapters' part of the options.</summary>
    internal LowRankSettings Settings => new(Rank, Alpha, Dropout, Start, new(Layers, Projections));
}
