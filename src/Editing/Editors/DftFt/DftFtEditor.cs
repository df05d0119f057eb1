// Changes keep the shapes of the weights; no letter is needed.
using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.DftFt;

/// <summary>DFT whose two changes come from fine-tuning all weights.</summary>
internal sealed class DftFtEditor(DftFtOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor =>
        EditorDescriptor.Of<DftFtOptions>("dft-ft", options => new DftFtEditor(options)) with { Open = OpenOption.OldKnowledge };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests) => DftRounds.Run(session, requests, options);
}

/// <summary>
/// The rounds of DFT: until every request is answered, θ ← θ + λ · core of (FT{θ, K_new} − θ) against (FT{θ, K_old} − θ).
/// </summary>
internal static class DftRounds
{
    /// <summary>Runs the rounds, for some requests after others where the options say so, and restores the model.</summary>
    /// <param name="session">The model θ.</param>
    /// <param name="requests">The edits.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="adapters">LoRA's settings, or null for fine-tuning of all weights.</param>
    public static Edit Run(EditSession session, IReadOnlyList<EditRequest> requests, DftOptions options, LowRankSettings? adapters = null)
    {
        using var scope = NewDisposeScope();
        var names = Tuned.Names(session.Model, adapters);
        using var original = new WeightSnapshot(session.Model, names);
        var (rounds, loss, answered, seen) = (0, 0.0, 0, 0);
        foreach (var batch in requests.Chunk(options.EditsAtOnce ?? requests.Count))
        {
            var done = Batch(session, batch, options, adapters);
            (rounds, answered, seen) = (rounds + done.Rounds, answered + done.Answered, seen + batch.Length);
            loss += (done.Loss - loss) * ((double)batch.Length / seen);
            if (options.EditsAtOnce is not null)
                session.AfterBatch?.Invoke(batch, null);
        }

        return new Edit(original.Deltas(), new Dictionary<string, double>
        {
            ["rounds"] = rounds,
            ["loss"] = loss,
            ["answered"] = (double)answered / requests.Count,
        });
    }

    private static (int Rounds, double Loss, int Answered) Batch(
        EditSession session, EditRequest[] requests, DftOptions options, LowRankSettings? adapters)
    {
        var model = session.Model;
        var wanted = TrainingSamples.New(session, requests, options.AppendEos);
        var answers = TrainingSamples.New(session, requests, appendEos: false);
        var known = TrainingSamples.Known(session, requests, options.OldKnowledge, options.GeneratedTokens, options.AppendEos);
        var (round, answered, loss) = (0, Answered(model, answers), 0.0);
        Optimiser? forOld = null, forNew = null;
        try
        {
            while (answered < requests.Length && round < options.MaxRounds)
            {
                round++;
                using var inner = NewDisposeScope();
                var (deltasOld, _) = Difference(known, "old", ref forOld);
                (var deltasNew, loss) = Difference(wanted, "new", ref forNew);
                Add(model, Tuned.Names(model, adapters), DftMask.Core(deltasNew, deltasOld, options), options.Lambda);
                answered = Answered(model, answers);
                session.Progress?.Report(
                    FormattableString.Invariant($"round {round}: {answered}/{requests.Length} answered, loss {loss:0.000}"));
            }

            return (round, loss, answered);
        }
        finally
        {
            forOld?.Dispose();
            forNew?.Dispose();
        }

        // FT{θ, samples} − θ and its last loss. Adapters of both differences of a round start from the same A.
        (IReadOnlyList<Tensor> Deltas, double Loss) Difference(IReadOnlyList<Sequence> samples, string what, ref Optimiser? kept)
        {
            using var tuned = Tuned.Start(session, adapters, FormattableString.Invariant($"round {round}"));
            var tuner = new FineTuner(session, options.Tuning, FormattableString.Invariant($"round {round}, {what}"));
            if (options.KeepOptimiserState)
                kept ??= tuner.NewOptimiser(tuned.Trained);
            var result = tuner.Run(samples, tuned.Trained, kept: kept);
            return (tuned.Dense(), result.Loss);
        }
    }

    // Requests of whose targets every token is the likeliest.
    private static int Answered(Transformer model, IReadOnlyList<Sequence> answers) =>
        TeacherForcing.Run(model, answers).Zip(answers, (forced, wanted) =>
            forced.Argmax.AsSpan().SequenceEqual(wanted.Ids.AsSpan(wanted.TargetStart))).Count(hit => hit);

    private static void Add(Transformer model, IReadOnlyList<string> names, IReadOnlyList<Tensor> cores, double lambda)
    {
        using var guard = no_grad();
        foreach (var (name, core) in names.Zip(cores))
            model.Parameter(name).add_(core, Held(lambda));
    }
}
