using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtW;

/// <summary>
/// Options of FT-W: fine-tuning of one block with weight decay (MEMIT, Meng et al. 2023, its baseline). Layer: MEMIT's is 21 of 28 (gpt-j).
/// Module: <c>layer</c> is MEMIT's. It trains as FT-M, depth-first, 25 steps at most of Adam at 5e-4; its own weight decay must stay 0.
/// MEMIT: all edits in one batch.
/// </summary>
public sealed record FtWOptions : LocationOptions
{
    // MEMIT's settings for gpt-j: decay = n^Exponent · e^LogFactor for n edits.
    private const double Exponent = -0.87028798, LogFactor = 0.15589562;

    /// <summary>Sets the defaults that differ from other editors'.</summary>
    public FtWOptions()
    {
        Module = TunedModule.Layer;
        Tuning = new() { Pipeline = Pipeline.DepthFirst, LearningRate = 5e-4 };
    }

    /// <summary>
    /// Weight decay, at least 0. Null, the default, is MEMIT's law n^−0.870 · e^0.156 for n edits that are tuned together: 0.021 for 100.
    /// </summary>
    public double? WeightDecay { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(base.Validate())
        .Check(Tuning.WeightDecay == 0, "tuning.weight-decay", Tuning.WeightDecay, "0: set weight-decay beside tuning")
        .Violations;

    /// <inheritdoc/>
    internal override OptionChecks Checks(OptionChecks checks) => base.Checks(checks).NotNegative("weight-decay", WeightDecay ?? 0);

    /// <summary>The decay in force.</summary>
    /// <param name="edits">Number of all edits.</param>
    internal double Decay(int edits) => WeightDecay
        ?? Math.Pow(Tuning.Pipeline == Pipeline.DepthFirst ? Math.Min(Tuning.EffectiveBatchSize, edits) : edits, Exponent) * Math.Exp(
            LogFactor);
}
