using Harness.Editing.Neurons;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.CaLiNet;

/// <summary>
/// Options of CaLiNet: an extra FFN beside one of the model's, trained on all edits while everything else is frozen (Dong et al. 2022).
/// </summary>
public sealed record CaLiNetOptions : IEditorOptions
{
    /// <summary>
    /// Layer, from 0; null, the default, is the last (published: the last of T5's decoder).
    /// </summary>
    public int? Layer { get; init; }

    /// <summary>Extra neurons d, at least 1. Default 64 (published for 100 facts; 256 for 1 000 and for questions).</summary>
    public int Neurons { get; init; } = 64;

    /// <summary>
    /// Their non-linearity. Default <c>relu</c>: that of the reference's T5. The reference gives the extra FFN a gate where the model's has
    /// one; here it has none, as in the paper's equation.
    /// </summary>
    public NeuronActivation Activation { get; init; } = NeuronActivation.Relu;

    /// <summary>
    /// Edits at once, at least 0; 0, the default, is all (published). Later batches train the same neurons further.
    /// </summary>
    public int BatchSize { get; init; }

    /// <summary>
    /// How it trains. Default: learning rate 0.01, 100 epochs at most. The reference takes Adafactor at a constant 0.01 for 5 000 updates
    /// of 2 048 paraphrases; here it is Adam on the edits' own prompts.
    /// </summary>
    public FineTuningOptions Tuning { get; init; } = new() { LearningRate = 0.01, Epochs = 100 };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer ?? 0, 0)
        .AtLeast("neurons", Neurons, 1)
        .AtLeast("batch-size", BatchSize, 0)
        .Nested("tuning", Tuning.Validate())
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { BatchSize = batchSize };
}
