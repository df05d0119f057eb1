using Harness.Editing.Locating;
using Harness.Editing.Pipelines;

namespace Harness.Editing.Editors.LocFtBfAug;

/// <summary>LocFT-BF-Aug: LocFT-BF on each edit's prompt and on the same prompt behind sampled beginnings, "beginning. prompt".</summary>
internal sealed class LocFtBfAugEditor(LocFtBfAugOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var names = new TunedLocation(options.Layer, options.Module).Names(session, "locft-bf-aug");
        var contexts = Contexts.Sample(session, options.Contexts);
        var augmented = requests.SelectMany(request => contexts.Select(context => request with { Prompt = context + request.Prompt }))
            .ToList();
        var samples = TrainingSamples.New(session, augmented, options.Tuning.AppendEos);
        return LocationTuning.Run(session, requests, names, new FineTuner(session, options.Tuning), samples);
    }
}
