using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Lora;

/// <summary>
/// LoRA: W' = W + (α/r) B A on some projections, trained with the common loss; the model's own weights stay frozen.
/// </summary>
internal sealed class LoraEditor(LoraOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<LoraOptions>("lora", options => new LoraEditor(options));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var adapters = new LowRankAdapters(session, options.Settings);
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        var result = new FineTuner(session, options.Tuning).Run(samples, adapters.Trained, afterBatch: adapters.TellOf(session, requests));
        return new Edit(adapters.Deltas(), result.Figures);
    }
}
