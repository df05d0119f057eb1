using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Editing.Editors.FtC;

/// <summary>FT-c: the common loss on one part of one layer; after each step every element is clamped to W0 ± ε.</summary>
internal sealed class FtCEditor(FtCOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "ft-c", [options.Layer]);
        IReadOnlyList<string> names = options.Module == TunedModule.Down
            ? [Sites.DownProjection(options.Layer)]
            : new TunedLocation(options.Layer, options.Module).Names(session, "ft-c");
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        return LocationTuning.Run(session, requests, names, new FineTuner(session, options.Tuning), samples, options.Epsilon);
    }
}
