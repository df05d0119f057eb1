using Harness.Editing.Editors.Lora;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.PlugAndPlay;

/// <summary>
/// Options of Plug-and-Play Adaptation (Lee et al. 2022, "Plug-and-Play Adaptation for Continuously-updated QA";
/// wookjeHan/Plug-and-Play-Adaptation-for-Continuously-updated-QA, its Ours+LoRA): each batch of edits gets a LoRA module of its own, on
/// the frozen model; a prompt that resembles one of a batch is answered with that batch's module, every other by the model as it was. No
/// weight changes. Where it differs from the reference code: prompts are compared by hidden states of a decoder's layer, and not of T5's
/// encoder; adapters are on query and value unless set otherwise.
/// </summary>
public sealed record PlugAndPlayOptions : IEditorOptions
{
    /// <summary>Layer behind which prompts are compared, from 0: by the cosine of their mean hidden states.</summary>
    public required int Layer { get; init; }

    /// <summary>
    /// Similarity, −1 to 1, that a prompt and the nearest edit's prompt need at least. Default 0.9 (published). It has to suit the model's
    /// hidden states.
    /// </summary>
    public double Threshold { get; init; } = 0.9;

    /// <summary>
    /// The module and how it is trained, as in <c>lora</c>. Default as published: rank 256, α 1024, dropout 0.1; AdamW at 4e-4 with decay
    /// 0.01, batches of 64, 40 epochs at most.
    /// </summary>
    public LoraOptions Adapter { get; init; } = new()
    {
        Rank = 256,
        Alpha = 1024,
        Tuning = new() { Optimiser = OptimiserKind.AdamW, LearningRate = 4e-4, WeightDecay = 0.01, BatchSize = 64, Epochs = 40 },
    };

    /// <summary>Edits that share a module, at least 0; 0, the default, is all. Published: 8 000 to 60 000 facts of an update.</summary>
    public int BatchSize { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .Check(Threshold is >= -1 and <= 1, "threshold", Threshold, "-1 to 1")
        .Nested("adapter", Adapter.Validate())
        .AtLeast("batch-size", BatchSize, 0)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions? Sequential(int batchSize) => this with { BatchSize = batchSize };
}
