using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Editing.Arithmetic;

/// <summary>A way to fine-tune of F-Learning: FT{θ, samples} − θ as data; the model is left as it was.</summary>
internal interface ILearning
{
    /// <summary>Names of the parameters that can change.</summary>
    IReadOnlyList<string> Names(Transformer model);

    /// <summary>Fine-tunes the session's model as it is now.</summary>
    /// <param name="session">Model and seed.</param>
    /// <param name="samples">What to learn.</param>
    /// <param name="purpose">Separates the random streams of several runs; shown in progress lines; "" is that of an editor that learns
    /// only.</param>
    /// <returns>The change, the caller's to dispose, and how the run went.</returns>
    (IReadOnlyList<WeightDelta> Deltas, FineTuningResult Result) Run(EditSession session, IReadOnlyList<Sequence> samples, string purpose);
}

/// <summary>Fine-tuning of all weights.</summary>
internal sealed class FullLearning(FineTuningOptions options) : ILearning
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names(Transformer model) => model.ParameterNames;

    /// <inheritdoc/>
    public (IReadOnlyList<WeightDelta> Deltas, FineTuningResult Result) Run(
        EditSession session, IReadOnlyList<Sequence> samples, string purpose)
    {
        using var before = new WeightSnapshot(session.Model, Names(session.Model));
        using var trained = new TrainedWeights(session.Model, Names(session.Model));
        var result = new FineTuner(session, options, purpose).Run(samples, trained);
        return (before.Deltas(), result);
    }
}

/// <summary>LoRA, with new adapters for every run.</summary>
internal sealed class LowRankLearning(LowRankSettings settings, FineTuningOptions options) : ILearning
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names(Transformer model) => settings.Targets.Names(model);

    /// <inheritdoc/>
    public (IReadOnlyList<WeightDelta> Deltas, FineTuningResult Result) Run(
        EditSession session, IReadOnlyList<Sequence> samples, string purpose)
    {
        using var adapters = new LowRankAdapters(session, settings, purpose);
        using var trained = new TrainedWeights(adapters.Parameters, settings.Targets.FirstLayer);
        var result = new FineTuner(session, options, purpose).Run(samples, trained);
        return (adapters.Deltas(), result);
    }
}
