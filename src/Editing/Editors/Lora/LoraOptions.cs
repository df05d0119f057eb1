using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Lora;

/// <summary>
/// Options of LoRA: low-rank changes of some projections, by default query and value of all layers (Hu et al. 2021; F-Learning, DFT).
/// </summary>
public sealed record LoraOptions : IEditorOptions
{
    /// <summary>Rank r, at least 1. Default 8 (EasyEdit).</summary>
    public int Rank { get; init; } = 8;

    /// <summary>α, above 0: the change is α/r · B A. Default 32 (EasyEdit).</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Share of inputs dropped while training, in [0, 1). Default 0.1 (EasyEdit).</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>First values of A; B starts at zero. Default <c>kaiming</c> (PEFT, as EasyEdit uses it).</summary>
    public LowRankStart Start { get; init; } = LowRankStart.Kaiming;

    /// <summary>Layers with adapters, from 0, none twice. Null, the default, is all (F-Learning, DFT).</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Projections with adapters, none twice. Default query and value (F-Learning, DFT).</summary>
    public IReadOnlyList<AdaptedProjection> Projections { get; init; } = LowRankTargets.QueryAndValue;

    /// <summary>How it trains. EasyEdit: Adam at 5e-3, 50 to 70 steps, batches of 1, depth-first.</summary>
    public FineTuningOptions Tuning { get; init; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() =>
        new OptionChecks().Include(Settings.Validate()).Nested("tuning", Tuning.Validate()).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };

    /// <summary>The adapters' part of the options.</summary>
    internal LowRankSettings Settings => new(Rank, Alpha, Dropout, Start, new(Layers, Projections));
}
