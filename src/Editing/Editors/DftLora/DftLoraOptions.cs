using Harness.Editing.Editors.DftFt;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.DftLora;

/// <summary>Options of DFT with LoRA, by default on query and value of all layers.</summary>
public sealed record DftLoraOptions : DftOptions
{
    /// <summary>Rank r, at least 1. Default 8 (EasyEdit).</summary>
    public int Rank { get; init; } = 8;

    /// <summary>α, above 0: the change is α/r · B A. Default 32 (EasyEdit).</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Share of inputs dropped while training, in [0, 1). Default 0.1 (EasyEdit).</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>First values of A; B starts at zero in every round. Default <c>kaiming</c> (PEFT, as EasyEdit uses it).</summary>
    public LowRankStart Start { get; init; } = LowRankStart.Kaiming;

    /// <summary>Layers with adapters, from 0, none twice. Null, the default, is all (F-Learning, DFT).</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Projections with adapters, none twice. Default query and value (F-Learning, DFT).</summary>
    public IReadOnlyList<AdaptedProjection> Projections { get; init; } = LowRankTargets.QueryAndValue;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(base.Validate())
        .Include(Settings.Validate())
        .Check(!KeepOptimiserState, "keep-optimiser-state", "true", "false: every round has new adapters")
        .Violations;

    /// <summary>The adapters' part of the options.</summary>
    internal LowRankSettings Settings => new(Rank, Alpha, Dropout, Start, new(Layers, Projections));
}
