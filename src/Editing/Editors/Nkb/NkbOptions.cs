using Harness.Editing.Neurons;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Nkb;

/// <summary>
/// Options of NKB, the Neural Knowledge Bank (Dai et al. 2023, "Neural Knowledge Bank for Pretrained Transformers"): a layer's FFN gets
/// more memory slots, and nothing else is trained. No reference code is public, and of the paper only what its abstract says could be
/// checked. Slots have the FFN's own non-linearity and no gate, and learn the edits' prompts and answers, where the paper's learn salient
/// spans of running text. Their values begin at 0, so that the model begins as it was. (CaLiNet: few neurons, ReLU, values that begin at
/// random.)
/// </summary>
public sealed record NkbOptions : IEditorOptions
{
    /// <summary>Layer whose FFN is extended, from 0; null, the default, is the last, as CaLiNet's.</summary>
    public int? Layer { get; init; }

    /// <summary>Slots d', at least 1. Default 3072: an FFN of T5-base, which the paper extends, has as many.</summary>
    public int Slots { get; init; } = 3072;

    /// <summary>Their non-linearity. Null, the default, is the model's (published).</summary>
    public NeuronActivation? Activation { get; init; }

    /// <summary>
    /// Edits at once, at least 0; 0, the default, is all (published). Later batches train the same slots further.
    /// </summary>
    public int BatchSize { get; init; }

    /// <summary>How it trains. Default: learning rate 1e-3, 100 epochs at most.</summary>
    public FineTuningOptions Tuning { get; init; } = new() { LearningRate = 1e-3, Epochs = 100 };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer ?? 0, 0)
        .AtLeast("slots", Slots, 1)
        .AtLeast("batch-size", BatchSize, 0)
        .Nested("tuning", Tuning.Validate())
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions Sequential(int batchSize) => this with { BatchSize = batchSize };
}
