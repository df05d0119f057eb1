// Deltas keep the shapes of the weights; no letter is needed.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Arithmetic;

/// <summary>Fine-tunes on some samples from the model as it is, and leaves the model as it was.</summary>
internal interface IInnerTuning : IDisposable
{
    /// <summary>Names of the parameters that can change, in the model's order.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>FT{θ, samples} − θ.</summary>
    /// <param name="samples">What to learn.</param>
    /// <param name="old">Whether this is the old knowledge, which has an optimiser of its own.</param>
    /// <param name="round">Number of the round, from 1.</param>
    /// <returns>One float32 tensor per name, in the parameter's shape, owned by the caller's dispose scope; and the last loss.</returns>
    (IReadOnlyList<Tensor> Deltas, double Loss) Difference(IReadOnlyList<Sequence> samples, bool old, int round);
}

/// <summary>
/// The rounds of DFT: until every request is answered, θ ← θ + λ · core of (FT{θ, K_new} − θ) against (FT{θ, K_old} − θ).
/// </summary>
internal static class DftRounds
{
    /// <summary>Runs the rounds, for some requests after others where the options say so, and restores the model.</summary>
    public static Edit Run(EditSession session, IReadOnlyList<EditRequest> requests, DftOptions options, Func<IInnerTuning> newTuning)
    {
        using var scope = NewDisposeScope();
        using var first = newTuning();
        using var original = new WeightSnapshot(session.Model, first.Names);
        var (rounds, loss, answered, seen) = (0, 0.0, 0, 0);
        foreach (var batch in requests.Chunk(options.EditsAtOnce ?? requests.Count))
        {
            using var tuning = newTuning();
            var done = Batch(session, batch, options, tuning);
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
        EditSession session, EditRequest[] requests, DftOptions options, IInnerTuning tuning)
    {
        var model = session.Model;
        var wanted = Pipelines.TrainingSamples.New(session, requests, options.AppendEos);
        var answers = Pipelines.TrainingSamples.New(session, requests, appendEos: false);
        var old = OldAnswers.Collect(session, requests, options.OldKnowledge, options.GeneratedTokens, options.AppendEos);
        var (round, answered, loss) = (0, Answered(model, answers), 0.0);
        while (answered < requests.Length && round < options.MaxRounds)
        {
            round++;
            using var inner = NewDisposeScope();
            var (deltasOld, _) = tuning.Difference(old, old: true, round);
            (var deltasNew, loss) = tuning.Difference(wanted, old: false, round);
            Add(model, tuning.Names, DftMask.Core(deltasNew, deltasOld, options.Mask), options.Lambda);
            answered = Answered(model, answers);
            session.Progress?.Report(
                FormattableString.Invariant($"round {round}: {answered}/{requests.Length} answered, loss {loss:0.000}"));
        }

        return (round, loss, answered);
    }

    // Requests of whose targets every token is the likeliest.
    private static int Answered(Transformer model, IReadOnlyList<Sequence> answers) =>
        TeacherForcing.Run(model, answers).Zip(answers, (forced, wanted) =>
            forced.Argmax.AsSpan().SequenceEqual(wanted.Ids.AsSpan(wanted.TargetStart))).Count(hit => hit);

    private static void Add(Transformer model, IReadOnlyList<string> names, IReadOnlyList<Tensor> cores, double lambda)
    {
        using var guard = no_grad();
        foreach (var (name, core) in names.Zip(cores))
            model.Parameter(name).PlusTimesInPlace(core, lambda);
    }
}
