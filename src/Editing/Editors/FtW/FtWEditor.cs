using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtW;

/// <summary>FT-W: the common loss on one whole block, held back by weight decay.</summary>
internal sealed class FtWEditor(FtWOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var names = new TunedLocation(options.Layer, options.Module).Names(session, "ft-w");
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        var tuning = options.Tuning with { WeightDecay = options.Decay(requests.Count) };
        return LocationTuning.Run(session, requests, names, new FineTuner(session, tuning), samples);
    }
}
