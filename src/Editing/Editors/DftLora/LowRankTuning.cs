// Deltas keep the shapes of the weights; no letter is needed.
using Harness.Editing.Arithmetic;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.DftLora;

/// <summary>LoRA. Both changes of a round start from the same A.</summary>
internal sealed class LowRankTuning(EditSession session, DftLoraOptions options) : IInnerTuning
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = options.Settings.Targets.Names(session.Model);

    /// <inheritdoc/>
    public (IReadOnlyList<Tensor> Deltas, double Loss) Difference(IReadOnlyList<Sequence> samples, bool old, int round)
    {
        using var adapters = new LowRankAdapters(session, options.Settings, FormattableString.Invariant($"round {round}"));
        using var trained = new TrainedWeights(adapters.Parameters, options.Settings.Targets.FirstLayer);
        var tuner = new FineTuner(session, options.Tuning, FormattableString.Invariant($"round {round}, {(old ? "old" : "new")}"));
        var result = tuner.Run(samples, trained);
        return (adapters.Dense(), result.Loss);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
