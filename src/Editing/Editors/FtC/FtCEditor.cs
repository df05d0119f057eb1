// O = model width, I = MLP width.
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.FtC;

/// <summary>FT-c: the common loss on one down-projection W; after each step every element is clamped to W0 ± ε.</summary>
internal sealed class FtCEditor(FtCOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "ft-c", [options.Layer]);
        using var scope = NewDisposeScope();
        var name = Sites.DownProjection(options.Layer);
        using var original = new WeightSnapshot(session.Model, [name]);
        using var trained = new TrainedWeights(session.Model, [name]);
        var (least_OI, most_OI) = (original.Original(name) - options.Epsilon, original.Original(name) + options.Epsilon);
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        var result = new FineTuner(session, options.Tuning).Run(samples, trained, Clamp);
        return new Edit(original.Deltas(), result.Figures);

        void Clamp()
        {
            using var guard = no_grad();
            using var step = NewDisposeScope();
            var weight_OI = session.Model.Parameter(name);
            weight_OI.copy_(weight_OI.maximum(least_OI).minimum(most_OI));
        }
    }
}
