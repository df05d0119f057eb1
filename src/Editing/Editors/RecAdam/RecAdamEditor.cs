using Harness.Editing.Pipelines;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.RecAdam;

/// <summary>
/// RecAdam: θ ← θ − η λ(t) m̂/(√v̂ + ε) − η (1 − λ(t)) γ (θ − θ₀). The pull back to the weights before the edit passes Adam's moments by,
/// and gives way as the weight λ of the edits grows.
/// </summary>
internal sealed class RecAdamEditor(RecAdamOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<RecAdamOptions>("recadam", options => new RecAdamEditor(options));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var scope = NewDisposeScope();
        using var tuned = new TunedWeights(session.Model, TunedLayers.Names(session, "recadam", options.Layers));
        var tuner = new FineTuner(session, options.Tuning);
        using var optimiser = tuner.NewOptimiser(tuned.Trained);
        var update = 1;
        optimiser.LearningRate = options.Tuning.LearningRate * options.Weight(update);
        var result = tuner.Run(
            TrainingSamples.New(session, requests, options.Tuning.AppendEos), tuned.Trained, PullBack, optimiser, session.TellOf(requests));
        return new Edit(tuned.Deltas(), new Dictionary<string, double>(result.Figures) { ["weight"] = options.Weight(update - 1) });

        // The references take the pull at what Adam has just made.
        void PullBack()
        {
            using var guard = no_grad();
            var share = options.Tuning.LearningRate * (1 - options.Weight(update)) * options.Pull;
            foreach (var (parameter, change) in tuned.Trained.Parameters.Zip(tuned.Dense()))
                parameter.add_(change, Held(-share));
            update++;
            optimiser.LearningRate = options.Tuning.LearningRate * options.Weight(update);
        }
    }
}
