using Harness.Editing.Gradients;
using Harness.Editing.Hypernetworks;

namespace Harness.Editing.Editors.RlEdit;

/// <summary>Options of RLEdit: Reinforced Lifelong Editing (Li et al. 2025).</summary>
public sealed record RlEditOptions : IEditorOptions
{
    /// <summary>How its hypernetwork is made and trained, which also says what is edited.</summary>
    public required RlEditTrainingOptions Training { get; init; }

    /// <summary>
    /// Requests of a turn, at least 0; 0 is all at once. Default 20 (published). Later turns are read at the model that earlier ones left,
    /// and the normalisers take each turn up, as in training.
    /// </summary>
    public int BatchSize { get; init; } = 20;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() =>
        new OptionChecks().Nested("training", Training.Validate()).AtLeast("batch-size", BatchSize, 0).Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { BatchSize = batchSize };
}

/// <summary>
/// How RLEdit's hypernetwork is made and trained (Li et al. 2025, "Reinforced Lifelong Editing for Language Models"; zhrli324/RLEdit).
/// Defaults are the reference code's, which makes ONE update of the network, at the end of one sequence of 400 turns. Where this differs:
/// losses are means over a sequence's answer tokens and then over a turn's edits, where the code adds up means over mini-batches of 4;
/// changes are solved for in float64; and the regulariser has a gradient (see <see cref="RegularisationWeight"/>).
/// </summary>
public sealed record RlEditTrainingOptions
{
    /// <summary>Layers of the edited matrices, ascending, from 0. Published: 22 to 30 of Llama-3-8B, 17 and 18 of Mistral-7B.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>
    /// Edited projections of each of the layers, any of <c>down</c>, <c>up</c>, <c>gate</c>. Default <c>[down]</c> (Mistral; Llama-3: gate,
    /// up).
    /// </summary>
    public IReadOnlyList<MlpProjection> Projections { get; init; } = [MlpProjection.Down];

    /// <summary>Rank of each block, at least 1; at most a matrix's inputs + outputs are used. Default 1024 (published).</summary>
    public int Rank { get; init; } = 1024;

    /// <summary>Residual blocks, at least 1. Default 4 (published).</summary>
    public int Blocks { get; init; } = 4;

    /// <summary>
    /// η of each matrix before training, in v = −η (k·k̃) g̃, above 0. Default 1e-6 (published, 7B): an output moves by about η times the
    /// norms of raw and normalised input, so that narrow models need more.
    /// </summary>
    public double EditRate { get; init; } = 1e-6;

    /// <summary>Which tokens are read. Default <c>answer</c> (published).</summary>
    public ReadTokens Tokens { get; init; } = ReadTokens.Answer;

    /// <summary>Whether the end-of-sequence token is the answers' last token. Default false (published).</summary>
    public bool AppendEos { get; init; }

    /// <summary>What the edited model is to answer. Default <c>rephrase</c> (published).</summary>
    public WantedPrompts Wanted { get; init; } = WantedPrompts.Rephrase;

    /// <summary>Weight of the divergence on prompts to be kept, against 1 of the edit loss, at least 0. Default 0.6 (published).</summary>
    public double LocalityWeight { get; init; } = 0.6;

    /// <summary>
    /// Weight of Σ‖ΔW‖², at least 0. Default 1e-4 (published). The paper's reward has this term; in the reference code it has no gradient
    /// and changes nothing, which 0 gives as well.
    /// </summary>
    public double RegularisationWeight { get; init; } = 1e-4;

    /// <summary>Edits of a turn, at least 1. Default 20 (published).</summary>
    public int TurnSize { get; init; } = 20;

    /// <summary>
    /// Turns of a sequence at most, at least 1; whole turns of different examples only, one at least. Default 400 (published).
    /// </summary>
    public int Turns { get; init; } = 400;

    /// <summary>
    /// Turns, the present one included, whose edits are asked for again after each turn, at least 1. Default 10 (published).
    /// </summary>
    public int BackDepth { get; init; } = 10;

    /// <summary>Factor of a turn's weight for each turn since, above 0, at most 1. Default 0.95 (published).</summary>
    public double Decay { get; init; } = 0.95;

    /// <summary>Sequences, each one update, at least 1; each starts from the unedited model. Default 1 (published).</summary>
    public int Sequences { get; init; } = 1;

    /// <summary>Adam's learning rate, α and ridge included, above 0. Default 1e-5 (published).</summary>
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>
    /// Largest norm of the gradient that a sequence has gathered, applied after every turn, above 0. Default 1 (published).
    /// </summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>The network's part of it.</summary>
    internal HypernetworkSettings Settings =>
        new("rledit", Layers, Projections, Rank, Blocks, EditRate, true, ScalePlace.AfterClamp);

    /// <summary>Every violation, as in <see cref="IEditorOptions.Validate"/>.</summary>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .Include(Settings.Validate())
        .NotNegative("locality-weight", LocalityWeight)
        .NotNegative("regularisation-weight", RegularisationWeight)
        .AtLeast("turn-size", TurnSize, 1)
        .AtLeast("turns", Turns, 1)
        .AtLeast("back-depth", BackDepth, 1)
        .Check(Decay is > 0 and <= 1, "decay", Decay, "above 0 and at most 1")
        .AtLeast("sequences", Sequences, 1)
        .Positive("learning-rate", LearningRate)
        .Positive("gradient-clip", GradientClip)
        .Violations;
}
