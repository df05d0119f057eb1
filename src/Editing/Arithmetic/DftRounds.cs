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
    /// <summary>Runs the rounds and restores the model.</summary>
    public static Edit Run(EditSession session, IReadOnlyList<EditRequest> requests, DftOptions options, IInnerTuning tuning)
    {
        using var scope = NewDisposeScope();
        var model = session.Model;
        using var original = new WeightSnapshot(model, tuning.Names);
        var wanted = Pipelines.TrainingSamples.New(session, requests, options.AppendEos);
        var answers = Pipelines.TrainingSamples.New(session, requests, appendEos: false);
        var old = OldAnswers.Collect(session, requests, options);
        var (round, answered, loss) = (0, Answered(model, answers), 0.0);
        while (answered < requests.Count && round < options.MaxRounds)
        {
            round++;
            using var inner = NewDisposeScope();
            var (deltasOld, _) = tuning.Difference(old, old: true, round);
            (var deltasNew, loss) = tuning.Difference(wanted, old: false, round);
            Add(model, tuning.Names, DftMask.Core(deltasNew, deltasOld, options.Mask), options.Lambda);
            answered = Answered(model, answers);
            session.Progress?.Report(
                FormattableString.Invariant($"round {round}: {answered}/{requests.Count} answered, loss {loss:0.000}"));
        }

        return new Edit(original.Deltas(), new Dictionary<string, double>
        {
            ["rounds"] = round,
            ["loss"] = loss,
            ["answered"] = (double)answered / requests.Count,
        });
    }

    // Requests of whose targets every token is the likeliest.
    private static int Answered(Transformer model, IReadOnlyList<Sequence> answers) =>
        TeacherForcing.Run(model, answers).Zip(answers, (forced, wanted) =>
            forced.Argmax.AsSpan().SequenceEqual(wanted.Ids.AsSpan(wanted.TargetStart))).Count(hit => hit);

    private static void Add(Transformer model, IReadOnlyList<string> names, IReadOnlyList<Tensor> cores, double lambda)
    {
        using var guard = no_grad();
        foreach (var (name, core) in names.Zip(cores))
            model.Parameter(name).add_(core, lambda);
    }
}
