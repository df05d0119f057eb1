using Harness.Editing.Editors.Memit;

namespace Harness.Editing.Editors.AlphaEdit;

/// <summary>
/// Options of AlphaEdit: Null-Space Constrained Knowledge Editing (Fang et al. 2025). Unless set otherwise, batches are of 100, and the
/// value search has weight decay 0.5 and clamp 0.75, as its code has for every model (its learning rate for llama3-8b is 0.1, its steps for
/// gpt2-xl and gpt-j 20).
/// </summary>
public sealed record AlphaEditOptions : SpreadingOptions
{
    /// <summary>Sets the defaults that differ from MEMIT's.</summary>
    public AlphaEditOptions()
    {
        BatchSize = 100;
        Value = new() { WeightDecay = 0.5, Clamp = 0.75 };
    }

    /// <summary>
    /// Directions of the covariance with a singular value below are free to be changed; in the covariance's own units, squared activations,
    /// above 0. Default 0.02 (AlphaEdit's code). A model with larger or smaller keys needs another; the figure <c>null-share</c> says how
    /// much was free.
    /// </summary>
    public double NullThreshold { get; init; } = 0.02;

    /// <summary>
    /// L2: weight of the change's own norm, above 0. Default 10 (AlphaEdit's code; EasyEdit's for llama3-8b and qwen2.5: 1).
    /// </summary>
    public double L2 { get; init; } = 10;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(base.Validate())
        .Positive("null-threshold", NullThreshold)
        .Positive("l2", L2)
        .Violations;
}
