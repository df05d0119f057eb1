using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.FtM;

/// <summary>FT-M: the common loss on one part of one layer, without constraint.</summary>
internal sealed class FtMEditor(FtMOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var names = new TunedLocation(options.Layer, options.Module).Names(session, "ft-m");
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        return LocationTuning.Run(session, requests, names, new FineTuner(session, options.Tuning), samples);
    }
}
