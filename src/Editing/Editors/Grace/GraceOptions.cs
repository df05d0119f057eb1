using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Grace;

/// <summary>What a codebook is wrapped around.</summary>
public enum GraceSite
{
    /// <summary>
    /// The down-projection: keys are its inputs, values take the place of the MLP's output (both public implementations).
    /// </summary>
    DownProjection,

    /// <summary>
    /// The whole layer: keys are the residual stream before it, values take the place of the stream behind it (the paper's text).
    /// </summary>
    Layer,
}

/// <summary>Which outputs a value takes the place of.</summary>
public enum GraceReplacement
{
    /// <summary>That of the last prompt token alone; later tokens see it through the layers above.</summary>
    Last,

    /// <summary>
    /// Those of the tokens before the last prompt token, without that one (what the implementations' replace_prompt does).
    /// </summary>
    Prompt,

    /// <summary>Those of every token, the answer's included.</summary>
    All,
}

/// <summary>What becomes of a ball that meets a new key with the same target outside of it.</summary>
public enum GraceGrowth
{
    /// <summary>It grows until the new key is on its rim.</summary>
    Coverage,

    /// <summary>Its centre moves half of the way to the new key, and its radius becomes the distance before.</summary>
    MovingAverage,
}

/// <summary>Where the training of a value starts.</summary>
public enum GraceStart
{
    /// <summary>The output that it takes the place of ("warm").</summary>
    Output,

    /// <summary>Uniform numbers in [0, 1) ("cold").</summary>
    Uniform,
}

/// <summary>Options of GRACE: General Retrieval Adaptors for Continual Editing (Hartvigsen et al. 2023).</summary>
public sealed record GraceOptions : IEditorOptions
{
    /// <summary>
    /// Layer of the codebook, from 0. EasyEdit: 27 or 31 of LLaMA-7B's 32; with <c>last</c> there has to be a layer above it.
    /// </summary>
    public required int Layer { get; init; }

    /// <summary>What the codebook is wrapped around. Default <c>down-projection</c> (the reference code).</summary>
    public GraceSite Site { get; init; } = GraceSite.DownProjection;

    /// <summary>
    /// First radius ε of a ball, euclidean, above 0. Default 1 (published); tiny models need another, of the size of their keys' distances.
    /// </summary>
    public double Radius { get; init; } = 1;

    /// <summary>
    /// Which outputs are replaced. Default <c>last</c> (the paper's text); the shipped configurations say replace_prompt. Prompts of one id
    /// are never routed: where an answer is decoded, their first token cannot be told from later ones.
    /// </summary>
    public GraceReplacement Replacement { get; init; } = GraceReplacement.Last;

    /// <summary>How balls grow. Default <c>coverage</c> (published).</summary>
    public GraceGrowth Growth { get; init; } = GraceGrowth.Coverage;

    /// <summary>Where values start. Default <c>output</c>; the shipped configurations start cold.</summary>
    public GraceStart Start { get; init; } = GraceStart.Output;

    /// <summary>Updates of a value at most, at least 1. Default 100 (published; 50 to 200 in use).</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Learning rate, above 0. Default 1 (published).</summary>
    public double LearningRate { get; init; } = 1;

    /// <summary>Adam's constants.</summary>
    public AdamOptions Adam { get; init; } = new();

    /// <summary>Loss in nats below which a value is done, at least 0; 0 never stops (the reference code). Default 0.01.</summary>
    public double StopLoss { get; init; } = 0.01;

    /// <summary>Whether the end-of-sequence token is trained as the target's last token. Default true.</summary>
    public bool AppendEos { get; init; } = true;

    /// <summary>
    /// What balls that are split lie apart, and what a grown ball reaches beyond its farthest key because sums round; at least 0. Default
    /// 1e-5 (the reference code's, where it splits). Keys that are no farther apart count as one.
    /// </summary>
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>
    /// Edits whose values are trained in one pass, at least 1. Each has a loss of its own, so that the size changes rounding only, and
    /// edits that share a ball are trained together instead of one after the other. Default 1 (published).
    /// </summary>
    public int BatchSize { get; init; } = 1;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .Positive("radius", Radius)
        .AtLeast("steps", Steps, 1)
        .Positive("learning-rate", LearningRate)
        .Nested("adam", Adam.Validate())
        .NotNegative("stop-loss", StopLoss)
        .NotNegative("tolerance", Tolerance)
        .AtLeast("batch-size", BatchSize, 1)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions? Sequential(int batchSize) => this with { BatchSize = batchSize };
}
