using Harness.Editing.Editors.Rect;

namespace Harness.Editing.Editors.Prune;

/// <summary>
/// Options of PRUNE: Perturbation Restraint on Upper bouNd for Editing (Ma et al. 2025, "Perturbation-Restrained Sequential Model
/// Editing"). Its paper restrains ROME and MEMIT request by request, AlphaEdit's comparison MEMIT in batches of 100.
/// </summary>
public sealed record PruneOptions : RestrainedOptions
{
    /// <summary>
    /// Base of the logarithm that brings large singular values down, above 1. Default e (PRUNE's code, "log"; it also has 2, 1.5 and 1.2).
    /// A weight whose largest singular value is below 1 / ln(base) is no longer restrained but pushed: then take a larger base.
    /// </summary>
    public double LogBase { get; init; } = Math.E;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(base.Validate())
        .Check(LogBase > 1 && double.IsFinite(LogBase), "log-base", LogBase, "a finite number above 1")
        .Violations;
}
