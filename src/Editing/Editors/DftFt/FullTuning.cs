// Deltas keep the shapes of the weights; no letter is needed.
using Harness.Editing.Arithmetic;
using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.DftFt;

/// <summary>Fine-tuning of all weights, in place, put back afterwards.</summary>
internal sealed class FullTuning(EditSession session, DftFtOptions options) : IInnerTuning
{
    private readonly Dictionary<bool, Optimiser> kept = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Names => session.Model.ParameterNames;

    /// <inheritdoc/>
    public (IReadOnlyList<Tensor> Deltas, double Loss) Difference(IReadOnlyList<Sequence> samples, bool old, int round)
    {
        using var before = new WeightSnapshot(session.Model, Names);
        using var trained = new TrainedWeights(session.Model, Names);
        var tuner = new FineTuner(session, options.Tuning, FormattableString.Invariant($"round {round}, {(old ? "old" : "new")}"));
        if (options.KeepOptimiserState && !kept.ContainsKey(old))
            kept[old] = tuner.NewOptimiser(trained);
        var result = tuner.Run(samples, trained, kept: kept.GetValueOrDefault(old));
        using var guard = no_grad();
        return ([.. Names.Select(name => session.Model.Parameter(name) - before.Original(name))], result.Loss);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var optimiser in kept.Values)
            optimiser.Dispose();
    }
}
