using Harness.Editing.Editors.Memit;

namespace Harness.Editing.Editors.Emmet;

/// <summary>
/// Options of EMMET: Equality-constrained Mass Model Editing in a Transformer (Gupta et al. 2024). It edits one layer: 17 of gpt2-xl, 5 of
/// gpt-j and LLaMA-2-7B; more are possible, as in MEMIT.
/// </summary>
public sealed record EmmetOptions : SpreadingOptions
{
    /// <summary>α: added to the diagonal of Kᵀ A⁻¹ K, at least 0; 0 holds every constraint exactly. Default 0.1 (EMMET's code).</summary>
    public double Alpha { get; init; } = 0.1;

    /// <summary>
    /// Whether α is also added where a batch holds one request, and there is nothing to invert but a number. Default false (EMMET's code;
    /// its formula, read literally, adds it always).
    /// </summary>
    public bool AlphaOnSingle { get; init; }

    /// <summary>
    /// w: factor of the covariance, above 0; without effect where α is 0. Default 1 (published for gpt-j and LLaMA-2-7B; gpt2-xl: 1 000; a
    /// later comparison took 100 000, 100 000 and 10 000).
    /// </summary>
    public double CovarianceWeight { get; init; } = 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(base.Validate())
        .NotNegative("alpha", Alpha)
        .Positive("covariance-weight", CovarianceWeight)
        .Violations;
}
