using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.DftFt;

/// <summary>Options of DFT with fine-tuning of all weights.</summary>
public sealed record DftFtOptions : DftOptions;

/// <summary>Which elements compete for the top share.</summary>
public enum Ranking
{
    /// <summary>Those of one matrix.</summary>
    PerTensor,

    /// <summary>Those of all changed matrices together.</summary>
    WholeModel,
}

/// <summary>What the top share is a share of.</summary>
public enum ShareOf
{
    /// <summary>All elements.</summary>
    Elements,

    /// <summary>The elements whose signs differ.</summary>
    Survivors,
}

/// <summary>What becomes of an element where one of the two changes is exactly zero.</summary>
public enum ZeroSign
{
    /// <summary>Zero has a sign of its own, which differs from plus and from minus: the element survives.</summary>
    Kept,

    /// <summary>Zero has no sign that could differ: the element is dropped.</summary>
    Dropped,
}

/// <summary>What decides which elements of Δ_new are kept. All but the first are controls, to see what the paper's choice adds.</summary>
public enum CoreMask
{
    /// <summary>The paper's: those whose signs differ from Δ_old's, and of these the T with the largest gap.</summary>
    Opposed,

    /// <summary>As many of each ranked group as the paper's mask would keep, drawn at random by the session's seed.</summary>
    Random,

    /// <summary>Without Δ_old, which is not computed: the T with the largest |Δ_new|.</summary>
    Largest,
}

/// <summary>
/// Options of DFT, Delicate Fine-Tuning. The paper gives the algorithm and leaves its numbers open: each is an option, and its default says
/// where it is from.
/// </summary>
public abstract record DftOptions : IEditorOptions
{
    /// <summary>Which elements are kept. Default <c>opposed</c> (the paper).</summary>
    public CoreMask Mask { get; init; } = CoreMask.Opposed;

    /// <summary>
    /// T: share of elements that are kept, in (0, 1]. Default 0.2 (measured on a small model: all edits succeed in 5 to 6 rounds).
    /// </summary>
    public double TopShare { get; init; } = 0.2;

    /// <summary>
    /// Whether T ranks the elements of one matrix or of all. Default <c>per-tensor</c> (open in the paper; no matrix is left out).
    /// </summary>
    public Ranking Ranking { get; init; } = Ranking.PerTensor;

    /// <summary>Whether T is a share of all elements or of those whose signs differ. Default <c>elements</c> (open in the paper).</summary>
    public ShareOf ShareOf { get; init; } = ShareOf.Elements;

    /// <summary>
    /// Whether an element survives where one change is exactly zero. Default <c>kept</c> (open; sign(0) differs from ±1 in every tensor
    /// library).
    /// </summary>
    public ZeroSign ZeroSign { get; init; } = ZeroSign.Kept;

    /// <summary>
    /// λ: factor of the core that is added in each round, above 0. Default 1 (open in the paper; measured as <see cref="TopShare"/>).
    /// </summary>
    public double Lambda { get; init; } = 1;

    /// <summary>Rounds at most, at least 1. Default 20 (open in the paper: "until the model answers").</summary>
    public int MaxRounds { get; init; } = 20;

    /// <summary>K_old. Default <c>data-set</c> (section 5.1).</summary>
    public OldKnowledge OldKnowledge { get; init; } = OldKnowledge.DataSet;

    /// <summary>
    /// Longest generated old answer in tokens, at least 1; <c>old-knowledge: model</c> only. Default 16 (open in the paper).
    /// </summary>
    public int GeneratedTokens { get; init; } = 16;

    /// <summary>Learning rate of each inner fine-tuning, above 0. Default 5e-5 (F-Learning, whose set-up the paper takes over).</summary>
    public double InnerLearningRate { get; init; } = 5e-5;

    /// <summary>Epochs of each inner fine-tuning, at least 1. Default 3 (F-Learning).</summary>
    public int InnerEpochs { get; init; } = 3;

    /// <summary>Batch size of each inner fine-tuning, at least 1. Default 4 (F-Learning).</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>Batches whose gradients are averaged into one update, at least 1. Default 4 (F-Learning).</summary>
    public int GradientAccumulation { get; init; } = 4;

    /// <summary>Update rule of each inner fine-tuning. Default <c>adam</c> (open in the paper).</summary>
    public OptimiserKind Optimiser { get; init; } = OptimiserKind.Adam;

    /// <summary>Adam's constants.</summary>
    public AdamOptions Adam { get; init; } = new();

    /// <summary>Weight decay of each inner fine-tuning, at least 0. Default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Mean over samples or over tokens. Default <c>sample</c>.</summary>
    public LossAverage LossAverage { get; init; } = LossAverage.Sample;

    /// <summary>Whether the end-of-sequence token is trained as a target's last token. Default true (LocFT).</summary>
    public bool AppendEos { get; init; } = true;

    /// <summary>Whether each inner fine-tuning shuffles every epoch, by the session's seed. Default true.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>
    /// Whether Adam's running means live on from round to round, one set for K_old and one for K_new. Default false: each fine-tuning
    /// starts afresh (open in the paper).
    /// </summary>
    public bool KeepOptimiserState { get; init; }

    /// <summary>
    /// Edits that the rounds are run for at once, at least 1; the next ones then start from the model that these left, with optimisers of
    /// their own. Null, the default, is all (the paper).
    /// </summary>
    public int? EditsAtOnce { get; init; }

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { EditsAtOnce = batchSize };

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("edits-at-once", EditsAtOnce ?? 1, 1)
        .Check(TopShare is > 0 and <= 1, "top-share", TopShare, "above 0 and at most 1")
        .Positive("lambda", Lambda)
        .AtLeast("max-rounds", MaxRounds, 1)
        .AtLeast("generated-tokens", GeneratedTokens, 1)
        .Positive("inner-learning-rate", InnerLearningRate)
        .AtLeast("inner-epochs", InnerEpochs, 1)
        .AtLeast("batch-size", BatchSize, 1)
        .AtLeast("gradient-accumulation", GradientAccumulation, 1)
        .Nested("adam", Adam.Validate())
        .NotNegative("weight-decay", WeightDecay)
        .Violations;

    /// <summary>
    /// The inner fine-tuning: always breadth-first, never stopped early, because both changes are to be of the same length.
    /// </summary>
    internal FineTuningOptions Tuning => new()
    {
        Epochs = InnerEpochs,
        BatchSize = BatchSize,
        GradientAccumulation = GradientAccumulation,
        LearningRate = InnerLearningRate,
        Optimiser = Optimiser,
        Adam = Adam,
        WeightDecay = WeightDecay,
        StopLoss = 0,
        LossAverage = LossAverage,
        AppendEos = AppendEos,
        Shuffle = Shuffle,
    };
}
