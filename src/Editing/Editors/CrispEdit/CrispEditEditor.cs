using Harness.Editing.Gradients;
using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.CrispEdit;

/// <summary>
/// CrispEdit: fine-tuning whose gradients are projected on directions in which the capability loss hardly curves, so that what the model
/// can do else stays as it is to the second order.
/// </summary>
internal sealed class CrispEditEditor(CrispEditOptions options) : IEditor
{
    /// <summary>How the harness knows it. Llama-3-8B's layers.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<CrispEditOptions>(
        "crispedit", options => new CrispEditEditor(options), open: OpenOption.Layers("layers", 19, 23)) with
    {
        Examples = ExampleUse.Needed,
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var matrices = EditedMatrix.All(session, "crispedit", options.Layers, [MlpProjection.Down]);
        using var scope = NewDisposeScope();
        using var curvature = new KroneckerCurvature(session, matrices);
        curvature.Add(Capabilities(session));
        using var tuned = new TunedWeights(session.Model, [.. matrices.Select(matrix => matrix.Parameter)]);
        var (steps, losses, free, done) = (0, 0.0, 0.0, 0);
        foreach (var batch in requests.Chunk(options.BatchSize == 0 ? requests.Count : options.BatchSize))
        {
            using var inner = NewDisposeScope();
            var samples = TrainingSamples.New(session, batch, options.Tuning.AppendEos);
            var projections = curvature.Projections(options.Energy);
            var result = Tune(session, samples, tuned.Trained, projections, options.BatchSize == 0 ? "" : $"from edit {done + 1}");
            (steps, losses, done) = (steps + result.Steps, losses + result.Loss * batch.Length, done + batch.Length);
            free += projections.Average(projection => projection.FreeShare) * batch.Length;
            session.AfterBatch?.Invoke(batch, null);
            if (options.KeepEdits && done < requests.Count)
                curvature.Add(samples);
        }

        return new Edit(tuned.Deltas(), new Dictionary<string, double>(new FineTuningResult(steps, losses / requests.Count).Figures)
        {
            ["free-share"] = free / requests.Count,
        });
    }

    // The tuner's own optimiser stands still: ours steps behind it, by gradients that are projected in between.
    private FineTuningResult Tune(
        EditSession session, IReadOnlyList<Sequence> samples, TrainedWeights trained, IReadOnlyList<LowCurvature> projections,
        string purpose)
    {
        var tuner = new FineTuner(session, options.Tuning, purpose);
        using var still = new Sgd(trained.Parameters, learningRate: 0);
        using var optimiser = tuner.NewOptimiser(trained);
        return tuner.Run(samples, trained, Step, still);

        void Step()
        {
            using var guard = no_grad();
            foreach (var (parameter, projection) in trained.Parameters.Zip(projections))
                parameter.grad!.copy_(projection.Of(parameter.grad!));
            optimiser.Step();
        }
    }

    // What the model is to go on saying: facts that are not edited, with their old answers, and the prompts that come with them; whole
    // texts, every token a target.
    private static List<Sequence> Capabilities(EditSession session)
    {
        if (session.Examples.Count == 0)
            throw new InputException("Editor 'crispedit': found no examples, expected facts that are not edited; give some.");
        return [.. session.Examples.SelectMany(example => example.Rephrases.Prepend(example.Request.Prompt)
                .Select(prompt => (Prompt: prompt, Answer: example.Request.TargetOld)).Concat(example.Locality))
            .Where(text => text.Answer.Length > 0)
            .Select(text => new Sequence(session.Encode(text.Prompt, text.Answer, appendEos: false).Ids, 1))];
    }
}
