using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Pcgu;

/// <summary>
/// Options of PCGU: Partitioned Contrastive Gradient Unlearning (Yu et al. 2023, "Unlearning Bias in Language Models by Partitioning
/// Gradients"; CharlesYu2000/PCGU-UnlearningBias). A pair is here a prompt with its old and with its new answer, where the paper has a
/// sentence with an advantaged and with a disadvantaged word. Where it differs from the reference code: a gradient is that of the common
/// loss, the mean cross entropy of the answers, and not of the sum of the words' logits, as answers have several tokens.
/// </summary>
public sealed record PcguOptions : IEditorOptions
{
    /// <summary>Layers whose weights are tuned, from 0, none twice. Null, the default, is all weights (published).</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>How matrices are cut into vectors; a bias or a norm's weight is one vector. Default <c>rows</c> (published).</summary>
    public Partition Partition { get; init; } = Partition.Rows;

    /// <summary>
    /// k: vectors that an update changes, those whose two gradients are least alike, at least 1; all where there are no more. Default 10
    /// 000 (published, of BERT's about 200 000).
    /// </summary>
    public int Vectors { get; init; } = 10_000;

    /// <summary>
    /// Which answer an update goes by. Default <c>learn-new</c> (published as the other choice): unlearning alone teaches no new answer.
    /// </summary>
    public ContrastDirection Direction { get; init; } = ContrastDirection.LearnNew;

    /// <summary>Learning rate of gradient descent, above 0. Default 1e-5 (published).</summary>
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>Passes over the edits of a turn, at least 1. Default 5 (published).</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>Edits of an update, at least 1, in the order given. Default 16 (published).</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Edits that come at once, at least 0; 0, the default, is all (published). Later turns go on with the same weights.</summary>
    public int TurnSize { get; init; }

    /// <summary>Whether the end-of-sequence token is the answers' last token. Default true, as in the fine-tuning editors.</summary>
    public bool AppendEos { get; init; } = true;

    /// <summary>Where the old answers come from. Default <c>data-set</c>.</summary>
    public OldKnowledge OldKnowledge { get; init; } = OldKnowledge.DataSet;

    /// <summary>Longest generated old answer in tokens, at least 1. Default 20.</summary>
    public int GeneratedTokens { get; init; } = 20;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .SomeLayersOrAll(Layers)
        .AtLeast("vectors", Vectors, 1)
        .Positive("learning-rate", LearningRate)
        .AtLeast("epochs", Epochs, 1)
        .AtLeast("batch-size", BatchSize, 1)
        .AtLeast("turn-size", TurnSize, 0)
        .AtLeast("generated-tokens", GeneratedTokens, 1)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { TurnSize = batchSize };
}

/// <summary>The vectors of a matrix.</summary>
public enum Partition
{
    /// <summary>What one output reads: the paper's input aggregation.</summary>
    Rows,

    /// <summary>What one input gives: the paper's output aggregation.</summary>
    Columns,
}

/// <summary>What an update does to the chosen vectors.</summary>
public enum ContrastDirection
{
    /// <summary>It raises the loss of the old answers (the paper: lowers the advantaged words).</summary>
    ForgetOld,

    /// <summary>It lowers the loss of the new answers (the paper: raises the disadvantaged words).</summary>
    LearnNew,

    /// <summary>Both, with the sum of the gradients.</summary>
    Both,
}
