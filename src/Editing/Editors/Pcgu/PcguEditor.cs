// O = rows of a weight, I = columns, P = vectors of all weights.
using Harness.Editing.Pipelines;
using Harness.Models;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Pcgu;

/// <summary>
/// PCGU: gradient descent on those vectors of the weights alone whose gradients by old and new answers are least alike, by their cosine: it
/// is there that the two answers are told apart.
/// </summary>
internal sealed class PcguEditor(PcguOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<PcguOptions>(
        "pcgu", options => new PcguEditor(options), open: OpenOption.OldKnowledge);

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var names = TunedLayers.Names(session, "pcgu", options.Layers);
        using var scope = NewDisposeScope();

        // The old answers are those of the model before any edit.
        var batches = requests.Chunk(options.TurnSize == 0 ? requests.Count : options.TurnSize).Select(turn =>
            (Requests: turn, Pairs: turn.Chunk(options.BatchSize).Select(batch => Pair(session, batch)).ToList())).ToList();
        using var tuned = new TunedWeights(session.Model, names);
        using var descent = new Sgd(tuned.Trained.Parameters, options.LearningRate);
        var (steps, losses, done) = (0, 0.0, 0);
        foreach (var (turn, pairs) in batches)
        {
            var last = 0.0;
            for (var epoch = 1; epoch <= options.Epochs; epoch++)
            {
                last = pairs.Sum(pair => Step(session, tuned.Trained, descent, pair) * pair.New.Count) / turn.Length;
                steps += pairs.Count;
                session.Progress?.Report(FormattableString.Invariant(
                    $"edits {done + 1} to {done + turn.Length} epoch {epoch}/{options.Epochs} loss {last:0.000}"));
            }

            (losses, done) = (losses + last * turn.Length, done + turn.Length);
            session.AfterBatch?.Invoke(turn, null);
        }

        return new Edit(tuned.Deltas(), new FineTuningResult(steps, losses / requests.Count).Figures);
    }

    /// <summary>
    /// Marks the vectors whose two gradients are least alike: 1 in a shape that spreads over the weight's, else 0.
    /// </summary>
    /// <param name="news">Gradients by the new answers, weight by weight.</param>
    /// <param name="olds">Those by the old answers.</param>
    /// <param name="partition">How matrices are cut.</param>
    /// <param name="vectors">k.</param>
    /// <returns>[O, 1] or [1, I] for a matrix, [1] for a vector; float32, owned by the caller's dispose scope.</returns>
    internal static IReadOnlyList<Tensor> Chosen(
        IReadOnlyList<Tensor> news, IReadOnlyList<Tensor> olds, Partition partition, int vectors)
    {
        using var scope = NewDisposeScope();
        var along = partition == Partition.Rows ? 1 : 0;
        var alike = news.Zip(olds, (own, other) => own.dim() == 2
            ? Cosine(own, other, along) : Cosine(own, other, own.dim() - 1)).ToList();
        var all_P = cat([.. alike.Select(one => one.flatten())]).cpu();
        var least = all_P.sort(0, stable: true).Indices.narrow(0, 0, Math.Min(vectors, all_P.shape[0]));
        var chosen_P = zeros_like(all_P).index_fill_(0, least, Held(1f)).to(news[0].device);
        var (result, start) = (new List<Tensor>(), 0L);
        foreach (var one in alike)
        {
            result.Add(chosen_P.narrow(0, start, one.numel()).view(one.shape).clone().MoveToOuterDisposeScope());
            start += one.numel();
        }

        return result;

        static Tensor Cosine(Tensor own, Tensor other, long dimension) => (own * other).sum(dimension, keepdim: true)
            / (Norm(own, dimension) * Norm(other, dimension)).clamp_min(Held(Guard));

        static Tensor Norm(Tensor value, long dimension) => value.pow(Held(2)).sum(dimension, keepdim: true).sqrt();
    }

    // That of PyTorch's cosine similarity, for vectors without a gradient.
    private const double Guard = 1e-8;

    private (IReadOnlyList<Sequence> New, IReadOnlyList<Sequence> Old) Pair(EditSession session, EditRequest[] batch) => (
        TrainingSamples.New(session, batch, options.AppendEos),
        TrainingSamples.Known(session, batch, options.OldKnowledge, options.GeneratedTokens, options.AppendEos));

    // One update; returns the loss of the new answers before it.
    private double Step(
        EditSession session, TrainedWeights trained, Sgd descent, (IReadOnlyList<Sequence> New, IReadOnlyList<Sequence> Old) pair)
    {
        using var scope = NewDisposeScope();
        var (olds, _) = Gradients(session, trained, descent, pair.Old);
        var (news, loss) = Gradients(session, trained, descent, pair.New);
        using var guard = no_grad();
        foreach (var ((parameter, chosen), (own, other)) in trained.Parameters.Zip(
            Chosen(news, olds, options.Partition, options.Vectors)).Zip(news.Zip(olds)))
        {
            parameter.grad?.copy_(chosen * (options.Direction switch
            {
                ContrastDirection.ForgetOld => other.neg(),
                ContrastDirection.LearnNew => own,
                _ => own - other,
            }));
        }

        descent.Step();
        return loss;
    }

    private static (IReadOnlyList<Tensor> Gradients, double Loss) Gradients(
        EditSession session, TrainedWeights trained, Sgd descent, IReadOnlyList<Sequence> samples)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        using var forward = new TrainingForward(
            session.Model, samples, trained.FirstLayer, LossAverage.Sample, TargetReading.Teacher, session.Cancellation);
        descent.ZeroGradients();
        using var loss = forward.Loss([.. Enumerable.Range(0, samples.Count)]);
        var value = loss.AsDouble();
        if (!double.IsFinite(value))
            throw new InputException($"pcgu: the loss became {value}, expected a finite number; lower its learning rate.");
        loss.backward();
        return (
            [.. trained.Parameters.Select(parameter => parameter.grad is { } gradient ? gradient.clone() : zeros_like(parameter))], value);
    }
}
