using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.AdaLora;

/// <summary>
/// AdaLoRA: W' = W + (α/r0) P Λ Q, trained with the common loss and a penalty that keeps P and Q orthogonal; on a schedule the least
/// important entries of Λ are set to zero, over all adapters together, until the wanted number of ranks is left.
/// </summary>
internal sealed class AdaLoraEditor(AdaLoraOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var adapters = new DiagonalAdapters(session, options);
        using var allocator = new RankAllocator(adapters.Triplets, options, options.Tuning.MostUpdates(requests.Count));
        using var trained = new TrainedWeights(adapters.Parameters, options.Targets.FirstLayer);
        var tuner = new FineTuner(session, options.Tuning, penalty: options.OrthogonalityWeight > 0 ? adapters.Penalty : null);
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        var result = tuner.Run(samples, trained, allocator.AfterStep, afterBatch: adapters.TellOf(session, requests));
        allocator.Finish();
        return new Edit(adapters.Deltas(), new Dictionary<string, double>(result.Figures) { ["ranks"] = adapters.Ranks });
    }
}
