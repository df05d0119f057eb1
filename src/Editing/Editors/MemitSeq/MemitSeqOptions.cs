using Harness.Editing.Locating;

namespace Harness.Editing.Editors.MemitSeq;

/// <summary>
/// Options of MEMIT-seq, the baseline of AlphaEdit's comparison (Fang et al. 2025). Batches are of 100 unless set otherwise, as there; with
/// all requests in one batch it is MEMIT.
/// </summary>
public sealed record MemitSeqOptions : SpreadingOptions
{
    /// <summary>Sets the defaults that differ from MEMIT's.</summary>
    public MemitSeqOptions() => BatchSize = 100;

    /// <summary>λ: weight of the covariance against the edits' keys, above 0. Default 15 000 (gpt2-xl: 20 000).</summary>
    public double CovarianceWeight { get; init; } = 15_000;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() =>
        new OptionChecks().Include(base.Validate()).Positive("covariance-weight", CovarianceWeight).Violations;
}
