using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.RoseLora;

/// <summary>
/// RoseLoRA: LoRA whose A is thinned out row by row and whose B column by column, by importance, so that the product changes few weights.
/// </summary>
internal sealed class RoseLoraEditor(RoseLoraOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var adapters = new LowRankAdapters(session, options.Settings);
        using var thinning = new Thinning(adapters.Parameters, options, options.Tuning.MostUpdatesInPass(requests.Count));
        using var trained = new TrainedWeights(adapters.Parameters, options.Settings.Targets.FirstLayer);
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        var tell = adapters.TellOf(session, requests);
        var result = new FineTuner(session, options.Tuning).Run(samples, trained, thinning.AfterStep, afterBatch: EndBatch);
        thinning.End();
        return new Edit(adapters.Deltas(), result.Figures);

        void EndBatch(int[] numbers)
        {
            thinning.End();
            tell?.Invoke(numbers);
        }
    }
}
