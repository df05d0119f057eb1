using Harness.Editing.Locating;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.LocFtBfAug;

/// <summary>
/// Options of LocFT-BF-Aug: LocFT-BF whose edits are trained behind random beginnings as well (Yang et al. 2025). Layer, module and
/// training: as LocFT-BF's. Breadth-first, a batch counts samples, so that one edit's may be in several; depth-first, it counts edits,
/// whose samples stay together.
/// </summary>
public sealed record LocFtBfAugOptions : LocationOptions
{
    /// <summary>Sets the defaults that differ from other editors'.</summary>
    public LocFtBfAugOptions() => Tuning = new() { LearningRate = 5e-4 };

    /// <summary>
    /// Beginnings that every prompt is trained behind, beside the prompt alone. Default: five of 10 tokens, sampled from the model (five
    /// are published; how they are sampled is MEMIT's way, the paper gives an example only).
    /// </summary>
    public ContextOptions Contexts { get; init; } = ContextOptions.Memit;

    /// <inheritdoc/>
    internal override OptionChecks Checks(OptionChecks checks) => base.Checks(checks).Nested("contexts", Contexts.Validate());
}
