using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtW;

/// <summary>Options of FT-W: fine-tuning of one block with weight decay (MEMIT, Meng et al. 2023, its baseline).</summary>
public sealed record FtWOptions : IEditorOptions
{
    // MEMIT's settings for gpt-j: decay = n^Exponent · e^LogFactor for n edits.
    private const double Exponent = -0.87028798, LogFactor = 0.15589562;

    /// <summary>Layer, from 0. MEMIT: 21 of 28 (gpt-j).</summary>
    public required int Layer { get; init; }

    /// <summary>Part of the layer. Default <c>layer</c> (MEMIT).</summary>
    public TunedModule Module { get; init; } = TunedModule.Layer;

    /// <summary>
    /// Weight decay, at least 0. Null, the default, is MEMIT's law n^−0.870 · e^0.156 for n edits that are tuned together: 0.021 for 100.
    /// </summary>
    public double? WeightDecay { get; init; }

    /// <summary>
    /// How it trains; its own weight decay must stay 0. Default: as FT-M, depth-first, 25 steps at most of Adam at 5e-4. MEMIT: all edits
    /// in one batch.
    /// </summary>
    public FineTuningOptions Tuning { get; init; } = new() { Pipeline = Pipeline.DepthFirst, LearningRate = 5e-4 };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .NotNegative("weight-decay", WeightDecay ?? 0)
        .Nested("tuning", Tuning.Validate())
        .Check(Tuning.WeightDecay == 0, "tuning.weight-decay", Tuning.WeightDecay, "0: set weight-decay beside tuning")
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { Tuning = Tuning.Sequential(batchSize) };

    /// <summary>The decay in force.</summary>
    /// <param name="edits">Number of all edits.</param>
    internal double Decay(int edits) => WeightDecay
        ?? Math.Pow(Tuning.Pipeline == Pipeline.DepthFirst ? Math.Min(Tuning.EffectiveBatchSize, edits) : edits, Exponent) * Math.Exp(
            LogFactor);
}
