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
        var (rounds, steps, loss, answered, seen) = (0, 0, 0.0, 0, 0);
        Compared? first = null;
        foreach (var batch in requests.Chunk(options.EditsAtOnce ?? requests.Count))
        {
            var done = Batch(session, batch, options, adapters);
            (rounds, steps, answered, seen) = (rounds + done.Rounds, steps + done.Steps, answered + done.Answered, seen + batch.Length);
            loss += (done.Loss - loss) * ((double)batch.Length / seen);
            first ??= done.First;
            if (options.EditsAtOnce is not null)
                session.AfterBatch?.Invoke(batch, null);
        }

        var figures = new Dictionary<string, double>
        {
            ["rounds"] = rounds,
            ["steps"] = steps,
            ["loss"] = loss,
            ["answered"] = (double)answered / requests.Count,
        };
        if (first is { } compared)
        {
            figures["old-size"] = compared.OldSize;
            figures["old-cosine"] = compared.OldCosine;
        }

        return new Edit(original.Deltas(), figures);
    }

    private static (int Rounds, int Steps, double Loss, int Answered, Compared? First) Batch(
        EditSession session, EditRequest[] requests, DftOptions options, LowRankSettings? adapters)
    {
        var model = session.Model;
        var wanted = TrainingSamples.New(session, requests, options.AppendEos);
        var answers = TrainingSamples.New(session, requests, appendEos: false);
        var known = options.Mask == CoreMask.Largest ? null
            : TrainingSamples.Known(session, requests, options.OldKnowledge, options.GeneratedTokens, options.AppendEos);
        var random = new SeededRandom(session.Seed, "dft/mask");
        var (round, steps, answered, loss) = (0, 0, Answered(model, answers), 0.0);
        Compared? first = null;
        Optimiser? forOld = null, forNew = null;
        try
        {
            while (answered < requests.Length && round < options.MaxRounds)
            {
                round++;
                using var inner = NewDisposeScope();
                var deltasOld = known is null ? null : Difference(known, "old", ref forOld).Deltas;
                (var deltasNew, loss) = Difference(wanted, "new", ref forNew);
                if (deltasOld is not null) first ??= Compared.Of(deltasOld, deltasNew);
                Add(model, Tuned.Names(model, adapters), DftMask.Core(deltasNew, deltasOld ?? [], options, random), options.Lambda);
                answered = Answered(model, answers);
                session.Progress?.Report(
                    FormattableString.Invariant($"round {round}: {answered}/{requests.Length} answered, loss {loss:0.000}"));
            }

            return (round, steps, loss, answered, first);
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
            steps += result.Steps;
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

    /// <summary>What the change by the old knowledge is beside that by the new, all weights together, in the first round.</summary>
    /// <param name="OldSize">‖Δ_old‖ / ‖Δ_new‖; 0 where neither is anything.</param>
    /// <param name="OldCosine">Cosine of Δ_old and Δ_new; 0 where one of them is nothing.</param>
    private sealed record Compared(double OldSize, double OldCosine)
    {
        public static Compared Of(IReadOnlyList<Tensor> deltasOld, IReadOnlyList<Tensor> deltasNew)
        {
            using var guard = no_grad();
            var (olds, news, both) = (0.0, 0.0, 0.0);
            foreach (var (deltaOld, deltaNew) in deltasOld.Zip(deltasNew))
            {
                using var scope = NewDisposeScope();
                var (old, now) = (deltaOld.to(ScalarType.Float64), deltaNew.to(ScalarType.Float64));
                olds += old.mul(old).sum().AsDouble();
                news += now.mul(now).sum().AsDouble();
                both += old.mul(now).sum().AsDouble();
            }

            return new(news > 0 ? Math.Sqrt(olds / news) : 0, olds > 0 && news > 0 ? both / Math.Sqrt(olds * news) : 0);
        }
    }
}
