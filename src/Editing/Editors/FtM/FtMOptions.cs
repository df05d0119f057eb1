using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtM;

/// <summary>
/// Options of FT-M: unconstrained fine-tuning of one location with the masked loss (EasyEdit's FT with the objective "target_new").
/// </summary>
public sealed record FtMOptions : IEditorOptions
{
    /// <summary>Layer, from 0. EasyEdit: 21 of 32.</summary>
    public required int Layer { get; init; }

    /// <summary>Part of the layer. Default <c>down</c> (EasyEdit).</summary>
    public TunedModule Module { get; init; } = TunedModule.Down;

    /// <summary>How it trains. Default: EasyEdit's: depth-first, 25 steps at most of Adam at 5e-4.</summary>
    public FineTuningOptions Tuning { get; init; } = new() { Pipeline = Pipeline.DepthFirst, LearningRate = 5e-4 };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks().AtLeast("layer", Layer, 0).Nested("tuning", Tuning.Validate()).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };
}
