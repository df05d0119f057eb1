using Harness.Editing.Editors.Memit;

namespace Harness.Editing.Editors.MemitSeq;

/// <summary>
/// Options of MEMIT-seq, the baseline of AlphaEdit's comparison (Fang et al. 2025). Batches are of 100 unless set otherwise, as there; with
/// all requests in one batch it is MEMIT.
/// </summary>
public sealed record MemitSeqOptions : LeastSquaresOptions
{
    /// <summary>Sets the defaults that differ from MEMIT's.</summary>
    public MemitSeqOptions() => BatchSize = 100;
}
