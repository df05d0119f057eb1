using Harness.Editing.Gradients;
using Harness.Editing.Hypernetworks;

namespace Harness.Editing.Editors.Mend;

/// <summary>Options of MEND: Model Editor Networks with Gradient Decomposition (Mitchell et al. 2022).</summary>
public sealed record MendOptions : IEditorOptions
{
    /// <summary>How its hypernetwork is made and trained, which also says what is edited.</summary>
    public required MendTrainingOptions Training { get; init; }

    /// <summary>
    /// Requests edited at once, at least 0; 0, the default, is all, as MEND's batched edits: their changes are added up. Later batches are
    /// read at the model that earlier ones left.
    /// </summary>
    public int BatchSize { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() =>
        new OptionChecks().Nested("training", Training.Validate()).AtLeast("batch-size", BatchSize, 0).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { BatchSize = batchSize };
}

/// <summary>
/// How MEND's hypernetwork is made and trained (Mitchell et al. 2022, "Fast Model Editing at Scale"; eric-mitchell/mend). Defaults are the
/// reference code's. Where it differs: the normalisers' moments are taken over all examples before training and not along with it, and each
/// edit's loss is the mean over its own answer tokens, so that its gradient does not depend on the other edits of a batch.
/// </summary>
public sealed record MendTrainingOptions
{
    /// <summary>Layers of the edited matrices, ascending, from 0. Published: the last three (45 to 47 of gpt2-xl).</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>
    /// Edited projections of each of the layers, any of <c>down</c>, <c>up</c>, <c>gate</c>. Default <c>[down, up]</c> (published).
    /// </summary>
    public IReadOnlyList<MlpProjection> Projections { get; init; } = [MlpProjection.Down, MlpProjection.Up];

    /// <summary>Rank of each block, at least 1; at most a matrix's inputs + outputs are used. Default 1920 (published).</summary>
    public int Rank { get; init; } = 1920;

    /// <summary>Residual blocks, at least 1. Default 2 (published: one hidden layer).</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>
    /// Whether keys and gradients are brought to mean 0 and standard deviation 1, element by element, before the network. Default true
    /// (published); false makes the untrained network's edit one step of gradient descent at rate α.
    /// </summary>
    public bool Normalise { get; init; } = true;

    /// <summary>
    /// α of each matrix before training, above 0. Default 1e-4 (published). The edit is W − α Σ δ̃ ũᵀ as in the paper; the reference code
    /// adds and lets training find the sign.
    /// </summary>
    public double EditRate { get; init; } = 1e-4;

    /// <summary>Which tokens are read; those whose gradient is 0 are left out. Default <c>all</c> (published).</summary>
    public ReadTokens Tokens { get; init; } = ReadTokens.All;

    /// <summary>
    /// Whether the end-of-sequence token is the answers' last token. Default false (EasyEdit; zsRE's BART and T5 answers end with it).
    /// </summary>
    public bool AppendEos { get; init; }

    /// <summary>What an edited model is to answer. Default <c>rephrase</c> (published).</summary>
    public WantedPrompts Wanted { get; init; } = WantedPrompts.Rephrase;

    /// <summary>Weight of the edit loss, above 0. Default 0.1 (published c_edit).</summary>
    public double EditWeight { get; init; } = 0.1;

    /// <summary>Weight of the divergence on prompts to be kept, at least 0. Default 1 (published c_loc).</summary>
    public double LocalityWeight { get; init; } = 1;

    /// <summary>
    /// Edits that are made at once while training, at least 1. Default 1 (published for single edits; for n edits at once: n).
    /// </summary>
    public int EditsPerBatch { get; init; } = 1;

    /// <summary>
    /// Batches of edits, each on the unedited model, whose gradients are averaged into one update, at least 1. Default 10 (published).
    /// </summary>
    public int BatchesPerStep { get; init; } = 10;

    /// <summary>Updates, at least 1; there is no early stop. Default 10 000 (EasyEdit: 100 000 batches).</summary>
    public int Steps { get; init; } = 10_000;

    /// <summary>Adam's learning rate of the networks, above 0. Default 1e-6 (published).</summary>
    public double LearningRate { get; init; } = 1e-6;

    /// <summary>Adam's learning rate of α, at least 0. Default 1e-4 (published).</summary>
    public double RateLearningRate { get; init; } = 1e-4;

    /// <summary>Largest norm of the gradient of an update, above 0. Default 100 (published).</summary>
    public double GradientClip { get; init; } = 100;

    /// <summary>The network's part of it.</summary>
    internal HypernetworkSettings Settings =>
        new("mend", Layers, Projections, Rank, Blocks, EditRate, Normalise, ScalePlace.BeforeClamp);

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(Settings.Validate())
        .Positive("edit-weight", EditWeight)
        .NotNegative("locality-weight", LocalityWeight)
        .AtLeast("edits-per-batch", EditsPerBatch, 1)
        .AtLeast("batches-per-step", BatchesPerStep, 1)
        .AtLeast("steps", Steps, 1)
        .Positive("learning-rate", LearningRate)
        .NotNegative("rate-learning-rate", RateLearningRate)
        .Positive("gradient-clip", GradientClip)
        .Violations;
}
