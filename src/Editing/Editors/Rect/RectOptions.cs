using Harness.Editing.Restraints;

namespace Harness.Editing.Editors.Rect;

/// <summary>
/// Options of RECT: relative change in weight (Gu et al. 2024, "Model Editing Harms General Abilities of Large Language Models:
/// Regularization to the Rescue"). Its own code restrains ROME, AlphaEdit's comparison MEMIT in batches of 100.
/// </summary>
public sealed record RectOptions : RestrainedOptions
{
    /// <summary>
    /// Share of a batch's change that is kept, in (0, 1]: the entries with the largest |ΔW / (W + ε)|. Default 0.4 (the paper's best, and
    /// AlphaEdit's comparison; its own code shows 0.2).
    /// </summary>
    public double Keep { get; init; } = 0.4;

    /// <summary>ε, at least 0. Default 1e-8 (AlphaEdit's comparison; RECT's own code has none).</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(base.Validate())
        .Check(Keep is > 0 and <= 1, "keep", Keep, "above 0 and at most 1")
        .NotNegative("epsilon", Epsilon)
        .Violations;
}
