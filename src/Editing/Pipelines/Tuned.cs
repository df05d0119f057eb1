// Changes keep the shapes of the weights; no letter is needed.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Pipelines;

/// <summary>
/// FT{θ} − θ: what a <see cref="FineTuner"/> changes, and the change as data. Either weights of the model in place or low-rank adapters
/// beside them; disposing it leaves the model as it was.
/// </summary>
internal abstract class Tuned(Transformer model) : IDisposable
{
    /// <summary>The model.</summary>
    protected Transformer Model { get; } = model;

    /// <summary>What is trained.</summary>
    public abstract TrainedWeights Trained { get; }

    /// <summary>Names of the weights that can change under a choice of adapters.</summary>
    /// <param name="model">The model.</param>
    /// <param name="adapters">LoRA's settings, or null for fine-tuning of all weights.</param>
    public static IReadOnlyList<string> Names(Transformer model, LowRankSettings? adapters) =>
        adapters?.Targets.Names(model) ?? model.ParameterNames;

    /// <summary>All weights, or fresh adapters on some, ready to be trained.</summary>
    /// <param name="session">Model and seed.</param>
    /// <param name="adapters">As in <see cref="Names"/>.</param>
    /// <param name="purpose">Separates the random streams of several sets of adapters in one edit.</param>
    public static Tuned Start(EditSession session, LowRankSettings? adapters, string purpose) => adapters is null
        ? new TunedWeights(session.Model, session.Model.ParameterNames) : new LowRankAdapters(session, adapters, purpose);

    /// <summary>The change so far, weight by weight; the caller disposes it.</summary>
    public abstract IReadOnlyList<WeightDelta> Deltas();

    /// <summary>The same as whole tensors where the model is, in the order of <see cref="Names"/>; the caller's scope owns them.</summary>
    public virtual IReadOnlyList<Tensor> Dense() => [.. Deltas().Select(delta =>
    {
        using (delta)
            return delta.ToDense().to(Model.Device);
    })];

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>Weights of a model that are tuned in place.</summary>
internal sealed class TunedWeights(Transformer model, IReadOnlyList<string> names) : Tuned(model)
{
    private readonly WeightSnapshot original = new(model, names);

    /// <inheritdoc/>
    public override TrainedWeights Trained { get; } = new(model, names);

    /// <summary>Fine-tunes the named weights on all requests, and restores them.</summary>
    /// <param name="session">Model and seed.</param>
    /// <param name="requests">The edits.</param>
    /// <param name="names">Weights to train.</param>
    /// <param name="tuner">How.</param>
    /// <param name="samples">What to learn: equally many samples for every request, in the requests' order.</param>
    /// <param name="epsilon">After each step every element is clamped to W0 ± ε; null clamps nothing.</param>
    public static Edit Run(
        EditSession session, IReadOnlyList<EditRequest> requests, IReadOnlyList<string> names, FineTuner tuner,
        IReadOnlyList<Sequence> samples, double? epsilon = null)
    {
        using var scope = NewDisposeScope();
        using var tuned = new TunedWeights(session.Model, names);
        var bounds = epsilon is { } radius
            ? names.Select(tuned.original.Original)
                .Select(weight => (Least: weight - Held(radius), Most: weight.Plus(Held(radius)))).ToList()
            : [];
        var result = tuner.Run(
            samples, tuned.Trained, epsilon is null ? null : Clamp, afterBatch: session.TellOf(requests),
            samplesPerEdit: samples.Count / requests.Count);
        return new Edit(tuned.Deltas(), result.Figures);

        void Clamp()
        {
            using var guard = no_grad();
            using var step = NewDisposeScope();
            foreach (var (weight, (least, most)) in tuned.Trained.Parameters.Zip(bounds))
                weight.copy_(weight.maximum(least).minimum(most));
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WeightDelta> Deltas() => original.Deltas();

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Dense() => original.Changes();

    /// <inheritdoc/>
    public override void Dispose()
    {
        Trained.Dispose();
        original.Dispose();
    }
}
