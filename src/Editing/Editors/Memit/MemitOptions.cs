using Harness.Editing.Locating;

namespace Harness.Editing.Editors.Memit;

/// <summary>Options of MEMIT: Mass-Editing Memory in a Transformer (Meng et al. 2023).</summary>
public sealed record MemitOptions : SpreadingOptions
{
    /// <summary>λ: weight of the covariance against the edits' keys, above 0. Default 15 000 (gpt2-xl: 20 000).</summary>
    public double CovarianceWeight { get; init; } = 15_000;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() =>
        new OptionChecks().Include(base.Validate()).Positive("covariance-weight", CovarianceWeight).Violations;
}
