using Harness.Editing.Editors.Memit;

namespace Harness.Editing.Editors.Pmet;

/// <summary>
/// Options of PMET: Precise Model Editing in a Transformer (Li et al. 2024). Unless set otherwise, the value search has learning rate 0.2,
/// 30 steps, KL factor 1, weight decay 0.5 and clamp 0.75, and λ is 6 000, as its code has for gpt-j (gpt-neox-20b: 0.5, 30, 0.8, 0.5
/// and 0.8, and 15 000).
/// </summary>
public sealed record PmetOptions : LeastSquaresOptions
{
    /// <summary>Sets the defaults that differ from MEMIT's.</summary>
    public PmetOptions()
    {
        CovarianceWeight = 6_000;
        Value = new() { LearningRate = 0.2, Steps = 30, KlFactor = 1, WeightDecay = 0.5, Clamp = 0.75 };
    }

    /// <summary>
    /// Factor of a request's target loss in the step after one in which all its target tokens were the likeliest in every context, at least
    /// 0; 1 changes nothing. Default 0.1 (PMET's code).
    /// </summary>
    public double KnownLossFactor { get; init; } = 0.1;

    /// <summary>
    /// Such a request's search ends at once where its KL term, its factor included, is at most this, in nats, at least 0. Default 0.01
    /// (PMET's code).
    /// </summary>
    public double KnownStopKl { get; init; } = 0.01;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(base.Validate())
        .NotNegative("known-loss-factor", KnownLossFactor)
        .NotNegative("known-stop-kl", KnownStopKl)
        .Violations;
}
