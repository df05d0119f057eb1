using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.LocFtBf;

/// <summary>LocFT-BF: the common loss on one part of one layer, in epochs over all edits; everything else stays frozen.</summary>
internal sealed class LocFtBfEditor(LocFtBfOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var names = new TunedLocation(options.Layer, options.Module).Names(session, "locft-bf");
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        return LocationTuning.Run(session, requests, names, new FineTuner(session, options.Tuning), samples);
    }
}
