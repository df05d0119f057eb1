using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Pipelines;

/// <summary>Fine-tuning of a few weights of a model in place: what the editors of one location have in common.</summary>
internal static class LocationTuning
{
    /// <summary>Trains the named weights and restores them.</summary>
    /// <param name="session">Model and seed.</param>
    /// <param name="requests">The edits.</param>
    /// <param name="names">Weights to train.</param>
    /// <param name="tuner">How.</param>
    /// <param name="samples">What to learn: equally many samples for every request, in the requests' order.</param>
    /// <param name="epsilon">After each step every element is clamped to W0 ± ε; null clamps nothing.</param>
    public static Edit Run(
        EditSession session, IReadOnlyList<EditRequest> requests, IReadOnlyList<string> names, FineTuner tuner,
            IReadOnlyList<Sequence> samples,
        double? epsilon = null)
    {
        using var scope = NewDisposeScope();
        using var original = new WeightSnapshot(session.Model, names);
        using var trained = new TrainedWeights(session.Model, names);
        var bounds = epsilon is { } radius
            ? names.Select(name => (
                Name: name, Least: original.Original(name) - Held(radius), Most: original.Original(name).Plus(Held(radius)))).ToList()
            : [];
        var result = tuner.Run(
            samples, trained, epsilon is null ? null : Clamp, afterBatch: session.TellOf(requests),
                samplesPerEdit: samples.Count / requests.Count);
        return new Edit(original.Deltas(), result.Figures);

        void Clamp()
        {
            using var guard = no_grad();
            using var step = NewDisposeScope();
            foreach (var (name, least, most) in bounds)
            {
                var weight = session.Model.Parameter(name);
                weight.copy_(weight.maximum(least).minimum(most));
            }
        }
    }

    /// <summary>
    /// Passes batches of a <see cref="FineTuner"/> on to <see cref="EditSession.AfterBatch"/>; null where nobody asks for them.
    /// </summary>
    /// <param name="session">Who is told.</param>
    /// <param name="requests">The edits, which the batches' numbers count.</param>
    public static Action<int[]>? TellOf(this EditSession session, IReadOnlyList<EditRequest> requests) => session.AfterBatch is { } tell
        ? numbers => tell([.. numbers.Select(number => requests[number])], null)
        : null;
}
