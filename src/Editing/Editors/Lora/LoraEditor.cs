using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.Lora;

/// <summary>
/// LoRA: W' = W + (α/r) B A on query and value of every layer, trained with the common loss; the model's own weights stay frozen.
/// </summary>
internal sealed class LoraEditor(LoraOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var adapters = new LowRankAdapters(session, options.Settings);
        using var trained = new TrainedWeights(adapters.Parameters, firstLayer: 0);
        var result = new FineTuner(session, options.Tuning).Run(TrainingSamples.New(session, requests, options.Tuning.AppendEos), trained);
        return new Edit(adapters.Deltas(), result.Figures);
    }
}
