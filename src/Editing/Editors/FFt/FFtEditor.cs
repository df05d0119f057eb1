// Changes keep the shapes of the weights; no letter is needed.
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.FFt;

/// <summary>F-FT: F-Learning with fine-tuning of all weights in both parts.</summary>
internal sealed class FFtEditor(FFtOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor =>
        EditorDescriptor.Of<FFtOptions>("f-ft", options => new FFtEditor(options)) with { Open = OpenOption.OldKnowledge };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests) =>
        FLearning.Run(session, requests, options, forgetting: null, learning: null);
}

/// <summary>
/// F-Learning, forgetting before learning: Δ_old = FT{θ0, K_old} − θ0, θ' = θ0 − λ Δ_old, θ* = FT{θ', K_new}. θ0 is the session's model as
/// it is. The paper makes its θ0 by three epochs on K_old; the harness's original models are trained on K_old already, so that another
/// fine-tuning on K_old gives Δ_old.
/// </summary>
internal static class FLearning
{
    /// <summary>Forgets and learns, for some requests after others where the options say so, and restores the model.</summary>
    /// <param name="session">The model θ0.</param>
    /// <param name="requests">The edits.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="forgetting">LoRA's settings where Δ_old is made by adapters; null for fine-tuning of all weights.</param>
    /// <param name="learning">The same for K_new.</param>
    public static Edit Run(
        EditSession session, IReadOnlyList<EditRequest> requests, FLearningOptions options, LowRankSettings? forgetting,
        LowRankSettings? learning)
    {
        var model = session.Model;
        var changed = Tuned.Names(model, forgetting).Concat(Tuned.Names(model, learning)).ToHashSet();
        IReadOnlyList<string> names = [.. model.ParameterNames.Where(changed.Contains)];
        using var scope = NewDisposeScope();
        using var original = new WeightSnapshot(model, names);
        using var total = new DeltaSum();
        var (steps, loss, oldLoss, seen) = (0, 0.0, 0.0, 0);
        var batches = requests.Chunk(options.EditsAtOnce ?? requests.Count).ToList();
        for (var i = 0; i < batches.Count; i++)
        {
            // The first, and mostly only, batch has the random streams of an editor that learns only.
            var number = i == 0 ? "" : FormattableString.Invariant($" {i + 1}");
            if (options.Lambda > 0)
            {
                var old = TrainingSamples.Known(
                    session, batches[i], options.OldKnowledge, options.GeneratedTokens, options.ForgettingInForce.AppendEos);
                var forgot = Step(forgetting, options.ForgettingInForce, old, "forgetting" + number, -options.Lambda);
                (steps, oldLoss) = (steps + forgot.Steps, forgot.Loss);
            }

            var samples = TrainingSamples.New(session, batches[i], options.Tuning.AppendEos);
            var learnt = Step(learning, options.Tuning, samples, i == 0 ? "" : "learning" + number, 1);
            (steps, seen) = (steps + learnt.Steps, seen + batches[i].Length);
            loss += (learnt.Loss - loss) * ((double)batches[i].Length / seen);
            if (options.EditsAtOnce is not null)
                session.AfterBatch?.Invoke(batches[i], null);
        }

        return new Edit(total.Total(names), new Dictionary<string, double> { ["steps"] = steps, ["loss"] = loss, ["loss-old"] = oldLoss });

        FineTuningResult Step(
            LowRankSettings? adapters, FineTuningOptions how, IReadOnlyList<Sequence> samples, string purpose, double factor)
        {
            var (deltas, result) = Difference(session, adapters, how, samples, purpose);
            using var guard = no_grad();
            using var step = NewDisposeScope();
            foreach (var delta in deltas)
            {
                total.Add(delta, factor);
                model.Parameter(delta.Parameter).add_(delta.ToDense().to(model.Device), Held(factor));
            }

            return result;
        }
    }

    // FT{θ, samples} − θ.
    private static (IReadOnlyList<WeightDelta> Deltas, FineTuningResult Result) Difference(
        EditSession session, LowRankSettings? adapters, FineTuningOptions how, IReadOnlyList<Sequence> samples, string purpose)
    {
        using var tuned = Tuned.Start(session, adapters, purpose);
        var result = new FineTuner(session, how, purpose).Run(samples, tuned.Trained);
        return (tuned.Deltas(), result);
    }
}
