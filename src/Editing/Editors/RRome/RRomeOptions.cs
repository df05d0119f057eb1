using Harness.Editing.Editors.Rome;

namespace Harness.Editing.Editors.RRome;

/// <summary>Options of r-ROME (Gupta et al. 2024, "Rebuilding ROME: Resolving Model Collapse during Sequential Model Editing").</summary>
public sealed record RRomeOptions : RankOneOptions
{
    /// <summary>
    /// The key in v* − W k, in its denominator and in C⁻¹k. Default <c>mean</c> (r-ROME); <c>plain</c> is the paper's p-ROME. Contexts
    /// still take part in the search for the value.
    /// </summary>
    public KeyChoice Key { get; init; } = KeyChoice.Mean;
}
