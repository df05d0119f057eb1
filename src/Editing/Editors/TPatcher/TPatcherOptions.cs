using Harness.Editing.Neurons;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.TPatcher;

/// <summary>
/// Options of T-Patcher: one mistake worth one neuron (Huang et al. 2023). Defaults are the reference code's
/// (ZeroYuHuang/Transformer-Patcher) where nothing else is said. Its learning rate's schedule, which halves it where the loss stays, is
/// left out.
/// </summary>
public sealed record TPatcherOptions : IEditorOptions
{
    /// <summary>
    /// Neurons of one edit at most, at least 1: one for each target token that is answered wrongly, the first ones where there are more.
    /// Default 5; with 1 a single neuron answers for all wrong tokens of its edit (the paper's "one neuron").
    /// </summary>
    public int MaxNeurons { get; init; } = 5;

    /// <summary>
    /// The neurons' non-linearity. Default <c>gelu</c>: that of the reference's BERT and BART. SiLU, that of LLaMA's MLP, still lets a
    /// twentieth through at −3, where the memory loss keeps other queries.
    /// </summary>
    public NeuronActivation Activation { get; init; } = NeuronActivation.Gelu;

    /// <summary>Adam's learning rate, above 0. Default 0.01.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Adam's constants.</summary>
    public AdamOptions Adam { get; init; } = new();

    /// <summary>Weight decay, at least 0. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Longest gradient of an edit's neurons, taken together, above 0. Default 5.</summary>
    public double GradientClip { get; init; } = 5;

    /// <summary>Updates of one edit at most, at least 1. Default 2 000.</summary>
    public int Steps { get; init; } = 2_000;

    /// <summary>Updates before the first look at whether the edit is done, at least 0. Default 100.</summary>
    public int FirstCheck { get; init; } = 100;

    /// <summary>
    /// Updates between two looks, at least 1. An edit is done when every target token is answered rightly and the memory loss no longer
    /// falls from one such look to the next. Default 25.
    /// </summary>
    public int CheckEvery { get; init; } = 25;

    /// <summary>Least fall of the memory loss that counts, at least 0. Default 0.001.</summary>
    public double LeastGain { get; init; } = 0.001;

    /// <summary>
    /// First factor of the values, above 0: v = a · r elementwise with r ~ N(0, 1) and a this number, both trained. Default 10.
    /// </summary>
    public double Amplification { get; init; } = 10;

    /// <summary>Label smoothing of the edit loss, in [0, 1). Default 0.1 (the reference's BART).</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>Weight a of the activation loss, mean of exp(−(q·k + b)) at the wrong tokens' queries q, at least 0. Default 1.</summary>
    public double ActivationWeight { get; init; } = 1;

    /// <summary>Largest terms of the activation loss that count, at least 1. Default 5.</summary>
    public int ActivationTop { get; init; } = 5;

    /// <summary>Weight m of the memory loss, at least 0. Default 5.</summary>
    public double MemoryWeight { get; init; } = 5;

    /// <summary>
    /// β: a neuron is to stay below it at a remembered query m: a part of the memory loss is the mean of exp(m·k + b − β). Default −3.
    /// </summary>
    public double MemoryBound { get; init; } = -3;

    /// <summary>
    /// γ: a neuron's answer at its own query is to stand above that at a remembered one by as much: the other part is the mean of
    /// exp((m − q)·k + γ). Default 3.
    /// </summary>
    public double MemoryMargin { get; init; } = 3;

    /// <summary>Largest terms of either part of the memory loss that count, at least 1. Default 1 000.</summary>
    public int MemoryTop { get; init; } = 1_000;

    /// <summary>
    /// Queries of facts that are not edited that are remembered, at least 0: those of the locality prompts' answers, drawn by the session's
    /// seed where there are more. Queries of earlier edits come on top. Default 40 000.
    /// </summary>
    public int MemorySize { get; init; } = 40_000;

    /// <summary>Whether the end-of-sequence token is the target's last token. Default true.</summary>
    public bool AppendEos { get; init; } = true;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("max-neurons", MaxNeurons, 1)
        .Positive("learning-rate", LearningRate)
        .Nested("adam", Adam.Validate())
        .NotNegative("weight-decay", WeightDecay)
        .Positive("gradient-clip", GradientClip)
        .AtLeast("steps", Steps, 1)
        .AtLeast("first-check", FirstCheck, 0)
        .AtLeast("check-every", CheckEvery, 1)
        .NotNegative("least-gain", LeastGain)
        .Positive("amplification", Amplification)
        .BelowOne("label-smoothing", LabelSmoothing)
        .NotNegative("activation-weight", ActivationWeight)
        .AtLeast("activation-top", ActivationTop, 1)
        .NotNegative("memory-weight", MemoryWeight)
        .Check(double.IsFinite(MemoryBound), "memory-bound", MemoryBound, "a finite number")
        .Check(double.IsFinite(MemoryMargin), "memory-margin", MemoryMargin, "a finite number")
        .AtLeast("memory-top", MemoryTop, 1)
        .AtLeast("memory-size", MemorySize, 0)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions? Sequential(int batchSize) => batchSize == 1 ? this : null;
}
