using Harness.Editing.Locating;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.LocFtBfAug;

/// <summary>Options of LocFT-BF-Aug: LocFT-BF whose edits are trained behind random beginnings as well (Yang et al. 2025).</summary>
public sealed record LocFtBfAugOptions : IEditorOptions
{
    /// <summary>Layer, from 0. Published: as LocFT-BF's.</summary>
    public required int Layer { get; init; }

    /// <summary>Part of the layer. Default <c>down</c> (published; Mistral: <c>layer</c>).</summary>
    public TunedModule Module { get; init; } = TunedModule.Down;

    /// <summary>
    /// Beginnings that every prompt is trained behind, beside the prompt alone. Default: five of 10 tokens, sampled from the model (five
    /// are published; how they are sampled is MEMIT's way, the paper gives an example only).
    /// </summary>
    public ContextOptions Contexts { get; init; } = ContextOptions.Memit;

    /// <summary>
    /// How it trains. Default: LocFT-BF's. Breadth-first, a batch counts samples, so that one edit's may be in several; depth-first, it
    /// counts edits, whose samples stay together.
    /// </summary>
    public FineTuningOptions Tuning { get; init; } = new() { LearningRate = 5e-4 };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0).Nested("contexts", Contexts.Validate()).Nested("tuning", Tuning.Validate()).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };
}
