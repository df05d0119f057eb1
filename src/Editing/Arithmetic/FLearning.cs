using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Arithmetic;

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
    /// <param name="forgetting">How Δ_old is made.</param>
    /// <param name="learning">How K_new is learnt.</param>
    public static Edit Run(
        EditSession session, IReadOnlyList<EditRequest> requests, FLearningOptions options, ILearning forgetting, ILearning learning)
    {
        var model = session.Model;
        var changed = forgetting.Names(model).Concat(learning.Names(model)).ToHashSet();
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
            if (options.Strength > 0)
            {
                var old = OldAnswers.Collect(
                    session, batches[i], options.OldKnowledge, options.GeneratedTokens, options.ForgettingInForce.AppendEos);
                var forgot = Step(forgetting, old, "forgetting" + number, -options.Strength);
                (steps, oldLoss) = (steps + forgot.Steps, forgot.Loss);
            }

            var learnt = Step(
                learning, TrainingSamples.New(session, batches[i], options.Tuning.AppendEos), i == 0 ? "" : "learning" + number, 1);
            (steps, seen) = (steps + learnt.Steps, seen + batches[i].Length);
            loss += (learnt.Loss - loss) * ((double)batches[i].Length / seen);
            if (options.EditsAtOnce is not null)
                session.AfterBatch?.Invoke(batches[i], null);
        }

        return new Edit(total.Total(names), new Dictionary<string, double> { ["steps"] = steps, ["loss"] = loss, ["loss-old"] = oldLoss });

        FineTuningResult Step(ILearning way, IReadOnlyList<Sequence> samples, string purpose, double factor)
        {
            var (deltas, result) = way.Run(session, samples, purpose);
            total.Add(factor, deltas);
            using var guard = no_grad();
            using var step = NewDisposeScope();
            foreach (var delta in deltas)
                model.Parameter(delta.Parameter).add_(delta.ToDense().to(model.Device), Held(factor));
            return result;
        }
    }
}
