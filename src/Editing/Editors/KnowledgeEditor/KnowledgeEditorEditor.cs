// O = outputs of a matrix, I = its inputs.
using Harness.Editing.Gradients;
using Harness.Editing.Hypernetworks;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.KnowledgeEditor;

/// <summary>
/// KnowledgeEditor: a trained network reads an edit in words and predicts, for each matrix, how the gradient of the edit is to be masked,
/// shifted and scaled into the change.
/// </summary>
internal sealed class KnowledgeEditorEditor(KnowledgeEditorOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<KnowledgeEditorOptions>(
        "knowledge-editor", options => new KnowledgeEditorEditor(options)) with
    {
        Examples = ExampleUse.Needed,
        Training = EditorTraining.Of<KnowledgeEditorOptions, KnowledgeEditorTrainingOptions>(
            options => options.Training, (options, session, file) => new KnowledgeEditorTraining(options, session).Run(file)),
        Open = OpenOption.LastLayers("training.layers", 3),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var training = options.Training;
        using var network = ShiftNetwork.Load(session, training);
        var (reader, next) = (new GradientReader(session, network.Matrices, ReadTokens.All), 0);
        return GradientEdits.Run(session, requests, options.BatchSize, training.AppendEos, reader, network.Matrices, reading =>
        {
            var edits = Enumerable.Range(0, reading.Starts.Count - 1)
                .Select(edit => Changes(network, requests[next + edit], reading.Of([edit]))).ToList();
            next += edits.Count;
            return Sum(edits);
        });
    }

    /// <summary>The changes of several edits added up, matrix by matrix; owned by the caller's dispose scope.</summary>
    internal static IReadOnlyList<Tensor> Sum(IReadOnlyList<IReadOnlyList<Tensor>> edits)
    {
        using var scope = NewDisposeScope();
        return [.. edits[0].Select((_, matrix) =>
            edits.Skip(1).Aggregate(edits[0][matrix].alias(), (sum, one) => sum.Plus(one[matrix])).MoveToOuterDisposeScope())];
    }

    /// <summary>The change of each matrix for one edit, [O, I] with the network's graph; owned by the caller's dispose scope.</summary>
    /// <param name="network">The network.</param>
    /// <param name="request">The edit in words.</param>
    /// <param name="read">Its tokens, matrix by matrix.</param>
    internal static IReadOnlyList<Tensor> Changes(ShiftNetwork network, EditRequest request, IReadOnlyList<TokenGradients> read)
    {
        using var scope = NewDisposeScope();
        var condition_1C = network.Condition(request);
        return [.. read.Select((one, matrix) =>
            network.Shift(matrix, condition_1C, one.Gradients_NO.t().matmul(one.Keys_NI)).MoveToOuterDisposeScope())];
    }
}

/// <summary>
/// Trains KnowledgeEditor's network: min over φ of the edited model's loss on the wanted prompts, such that its divergence from the model
/// before, on other prompts, is at most m; by Lagrangian relaxation, whose multiplier rises and falls with what is above or below m
/// (De Cao et al. 2021, section 4.1).
/// </summary>
internal sealed class KnowledgeEditorTraining(KnowledgeEditorTrainingOptions options, EditSession session)
{
    // The multiplier stays above 0, so that the divergence, which its weight is part of, can be told.
    private const double LeastMultiplier = 1e-6;

    // Lines for people; no result depends on it.
    private const int StepsPerReport = 10;

    /// <summary>Trains and writes the network.</summary>
    public void Run(string file)
    {
        using var network = Train();
        network.Save(file);
    }

    /// <summary>Trains and leaves the model as it was; the caller disposes the network.</summary>
    /// <param name="losses">Told the edit's loss and the divergence of every update, in nats.</param>
    /// <exception cref="InputException">The examples are not enough, or the loss is no number any more.</exception>
    public ShiftNetwork Train(Action<double, double>? losses = null)
    {
        if (options.Validate() is { Count: > 0 } violations)
            throw new InputException($"Options of training 'knowledge-editor': {string.Join("; ", violations)}.");
        var examples = EncodedExample.All(session, "knowledge-editor", options.AppendEos, needsLocality: true);
        return ShiftNetwork.New(session, options, network => Train(network, examples, losses));
    }

    /// <summary>The multiplier behind an update.</summary>
    /// <param name="multiplier">Before it.</param>
    /// <param name="divergence">On the prompts that are to be kept, in nats.</param>
    internal double Next(double multiplier, double divergence) =>
        Math.Max(LeastMultiplier, multiplier + (options.MultiplierRate * (divergence - options.Margin)));

    private void Train(ShiftNetwork network, IReadOnlyList<EncodedExample> examples, Action<double, double>? losses)
    {
        using var scope = NewDisposeScope();
        using var original = new WeightSnapshot(session.Model, [.. network.Matrices.Select(matrix => matrix.Parameter)]);
        var reading = new GradientReader(session, network.Matrices, ReadTokens.All).Read([.. examples.Select(example => example.Prompt)]);
        var objective = new EditObjective(session, network.Matrices);
        using var required = objective.Require();
        using var weights = new Adam(network.Weights, options.LearningRate);
        var random = new SeededRandom(session.Seed, "knowledge-editor/training");
        using var batches = Batches(examples.Count, random).GetEnumerator();
        EncodedExample[] keeping = [.. examples.Where(example => example.Locality.Count > 0)];
        var multiplier = 1.0;
        for (var step = 0; step < options.Steps; step++)
        {
            batches.MoveNext();
            var (edit, divergence) = Step(batches.Current, multiplier);
            multiplier = Next(multiplier, divergence);
            losses?.Invoke(edit, divergence);
            if (step % StepsPerReport == 0 || step == options.Steps - 1)
                session.Progress?.Report(FormattableString.Invariant(
                    $"knowledge-editor: step {step + 1}/{options.Steps} loss {edit:0.000} divergence {divergence:0.0000}"));
        }

        (double Edit, double Divergence) Step(int[] batch, double weight)
        {
            using var inner = NewDisposeScope();
            weights.ZeroGradients();
            WeightedSequence[] wanted = [.. batch.SelectMany(i => examples[i].Wanted(options.Wanted, random, 1.0 / batch.Length))];
            WeightedSequence[] kept =
                [.. Enumerable.Range(0, options.Kept).SelectMany(_ => random.Pick(keeping).Kept(random, weight / options.Kept))];
            var before_LV = objective.Before(kept);
            var changes_OI = KnowledgeEditorEditor.Sum(
                [.. batch.Select(i => KnowledgeEditorEditor.Changes(network, session.Examples[i].Request, reading.Of([i])))]);
            objective.Apply(changes_OI);
            var result = objective.Run(wanted, kept, before_LV);
            original.Restore();
            if (!double.IsFinite(result.Edit + result.Locality))
                throw new InputException("Training of editor 'knowledge-editor': the loss is not finite, expected a finite one; "
                    + "lower its learning rate or max-scale.");
            EditObjective.HandOn(result.Gradients_OI, changes_OI);
            weights.Step();
            return (result.Edit, result.Locality / weight);
        }
    }
    // Endless: the examples shuffled again and again; a batch never holds one twice.
    private IEnumerable<int[]> Batches(int examples, SeededRandom random)
    {
        int[] order = [.. Enumerable.Range(0, examples)];
        var size = Math.Min(options.EditsPerBatch, examples);
        while (true)
        {
            random.Shuffle(order);
            foreach (var batch in order.Chunk(size).Where(batch => batch.Length == size))
                yield return batch;
        }
    }
}
