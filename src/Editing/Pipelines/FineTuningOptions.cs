using System.Text.Json.Serialization;

namespace Harness.Editing.Pipelines;

/// <summary>How the edits are gone through (LocFT, its first claim).</summary>
public enum Pipeline
{
    /// <summary>Epochs over the whole edit set in mini-batches.</summary>
    BreadthFirst,

    /// <summary>
    /// Each batch of edits (one edit by default) is optimised to convergence before the next, one pass, with a fresh optimiser for each.
    /// </summary>
    DepthFirst,
}

/// <summary>Rule of the weights' update.</summary>
public enum OptimiserKind
{
    /// <summary>Adam; weight decay is added to the gradient (Kingma and Ba 2015).</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    [JsonStringEnumMemberName("adamw")]
    AdamW,

    /// <summary>Gradient descent without momentum; weight decay is added to the gradient.</summary>
    Sgd,
}

/// <summary>What a batch's loss is the mean of.</summary>
public enum LossAverage
{
    /// <summary>Mean over a sample's target tokens, then over samples (LocFT).</summary>
    Sample,

    /// <summary>Mean over all target tokens of the batch (LLaMA-Factory).</summary>
    Token,
}

/// <summary>Order in which the edits are given to the pipeline.</summary>
public enum EditOrder
{
    /// <summary>As in the data set.</summary>
    Given,

    /// <summary>Last first.</summary>
    Reversed,

    /// <summary>Shuffled once, by the session's seed.</summary>
    Shuffled,
}

/// <summary>
/// How a fine-tuning editor trains, whatever it trains. Defaults are LocFT-BF's reference code where nothing else is said.
/// </summary>
public sealed record FineTuningOptions
{
    /// <summary>Pipeline. Default <c>breadth-first</c>.</summary>
    public Pipeline Pipeline { get; init; } = Pipeline.BreadthFirst;

    /// <summary>
    /// Edits in a batch, at least 1. Null, the default, is the pipeline's published size: 100 breadth-first (LocFT-BF), 1 depth-first
    /// (EasyEdit).
    /// </summary>
    public int? BatchSize { get; init; }

    /// <summary>Passes over all edits at most, at least 1; breadth-first only. Default 25.</summary>
    public int Epochs { get; init; } = 25;

    /// <summary>Updates for each batch at most, at least 1; depth-first only. Default 25 (EasyEdit, FT's num_steps).</summary>
    public int Steps { get; init; } = 25;

    /// <summary>
    /// Batches whose gradients are averaged into one update, at least 1; breadth-first only. Default 1. F-Learning: 4. Small ones go
    /// through the model together.
    /// </summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>Learning rate, above 0. Default 5e-5 (F-Learning, all weights of a 7B). LocFT-BF: 5e-4 for one down-projection.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>Update rule. Default <c>adam</c>.</summary>
    public OptimiserKind Optimiser { get; init; } = OptimiserKind.Adam;

    /// <summary>Adam's constants.</summary>
    public AdamOptions Adam { get; init; } = new();

    /// <summary>Weight decay, at least 0. Default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// Loss in nats below which training stops, at least 0; 0 never stops. Depth-first: a batch is done when its loss is below.
    /// Breadth-first: a batch with a loss below is skipped, and training ends when the epoch's mean loss is below. Default 0.01.
    /// </summary>
    public double StopLoss { get; init; } = 0.01;

    /// <summary>Mean over samples or over tokens. Default <c>sample</c>.</summary>
    public LossAverage LossAverage { get; init; } = LossAverage.Sample;

    /// <summary>
    /// Whether the end-of-sequence token is trained as the target's last token. Default true; without it LocFT's numbers are not reached.
    /// </summary>
    public bool AppendEos { get; init; } = true;

    /// <summary>Whether every epoch shuffles the edits anew, by the session's seed; breadth-first only. Default true.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Order of the edits before any shuffling of epochs. Default <c>given</c>.</summary>
    public EditOrder Order { get; init; } = EditOrder.Given;

    /// <summary>The batch size in force.</summary>
    internal int EffectiveBatchSize => BatchSize ?? (Pipeline == Pipeline.DepthFirst ? 1 : 100);

    /// <summary>Updates of a run at most.</summary>
    /// <param name="edits">Number of all edits.</param>
    internal int MostUpdates(int edits) =>
        Pipeline == Pipeline.DepthFirst ? Parts(edits, EffectiveBatchSize) * Steps : Epochs * MostUpdatesInPass(edits);

    /// <summary>Updates of an epoch at most, or of a pass over one batch depth-first.</summary>
    /// <param name="edits">Number of all edits.</param>
    internal int MostUpdatesInPass(int edits) =>
        Pipeline == Pipeline.DepthFirst ? 1 : Parts(Parts(edits, EffectiveBatchSize), GradientAccumulation);

    /// <summary>
    /// The same for edits that come in batches one after another: depth-first. A batch gets as many updates at most as the breadth-first
    /// run has epochs.
    /// </summary>
    /// <param name="batchSize">Edits that come at once, at least 1.</param>
    internal FineTuningOptions Sequential(int batchSize) => this with
    {
        Pipeline = Pipeline.DepthFirst,
        BatchSize = batchSize,
        Steps = Pipeline == Pipeline.DepthFirst ? Steps : Epochs,
    };

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("batch-size", EffectiveBatchSize, 1)
        .AtLeast("epochs", Epochs, 1)
        .AtLeast("steps", Steps, 1)
        .AtLeast("gradient-accumulation", GradientAccumulation, 1)
        .Positive("learning-rate", LearningRate)
        .Nested("adam", Adam.Validate())
        .NotNegative("weight-decay", WeightDecay)
        .NotNegative("stop-loss", StopLoss)
        .Violations;

    private static int Parts(int count, int size) => (count + size - 1) / size;
}

/// <summary>Constants of Adam; defaults are Kingma and Ba's and torch.optim's.</summary>
public sealed record AdamOptions
{
    /// <summary>Decay of the gradient's running mean, in [0, 1). Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the squared gradient's running mean, in [0, 1). Default 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the denominator, above 0. Default 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .BelowOne("beta1", Beta1).BelowOne("beta2", Beta2).Positive("epsilon", Epsilon).Violations;
}
