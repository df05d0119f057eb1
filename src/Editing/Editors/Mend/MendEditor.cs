// N = tokens that are read, I = inputs of a matrix, O = its outputs, L = answer tokens of kept prompts, V = vocabulary.
using Harness.Editing.Gradients;
using Harness.Editing.Hypernetworks;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Mend;

/// <summary>
/// MEND: a trained network turns the two factors of the fine-tuning gradient, keys and output gradients, into those of an edit.
/// </summary>
internal sealed class MendEditor(MendOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<MendOptions>("mend", options => new MendEditor(options)) with
    {
        Examples = ExampleUse.Needed,
        Training = EditorTraining.Of<MendOptions, MendTrainingOptions>(
            options => options.Training, (options, session, file) => new MendTraining(options, session).Run(file)),
        Open = OpenOption.LastLayers("training.layers", 3),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var training = options.Training;
        using var network = Hypernetwork.Load(session, training.Settings);
        var reader = new GradientReader(session, network.Matrices, training.Tokens);
        return GradientEdits.Run(session, requests, options.BatchSize, training.AppendEos, reader, network.Matrices, reading =>
            [.. reading.Matrices.Select((read, matrix) => Change(network, matrix, read))]);
    }

    /// <summary>−α Σ δ̃ ũᵀ over the tokens whose gradient is not 0.</summary>
    /// <returns>[O, I] with the network's graph, owned by the caller's dispose scope.</returns>
    internal static Tensor Change(Hypernetwork network, int matrix, TokenGradients read)
    {
        using var scope = NewDisposeScope();
        var (keys_NI, gradients_NO) = network.Transform(matrix, read.NotZero());
        return gradients_NO.t().matmul(keys_NI).mul(network.Rates_M[matrix].neg()).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Trains MEND's hypernetwork: edit the model on some examples, see what the edited model says to rephrasings and to unrelated prompts, and
/// hand the gradient by the edit on to the network. Every edit starts from the unedited model, so that the examples are read once.
/// </summary>
internal sealed class MendTraining(MendTrainingOptions options, EditSession session)
    : HypernetworkTraining(session, options.Settings, options.AppendEos, options.LocalityWeight)
{
    // Lines for people; no result depends on it.
    private const int StepsPerReport = 10;

    /// <inheritdoc/>
    protected override void Train(Hypernetwork network, IReadOnlyList<EncodedExample> examples, Action<double>? losses)
    {
        using var scope = NewDisposeScope();
        using var original = new WeightSnapshot(Session.Model, [.. network.Matrices.Select(matrix => matrix.Parameter)]);
        var reading = new GradientReader(Session, network.Matrices, options.Tokens).Read([.. examples.Select(example => example.Prompt)]);
        network.Observe([.. reading.Matrices.Select(read => read.NotZero())]);

        var objective = new EditObjective(Session, network.Matrices);
        using var required = objective.Require();
        using var weights = new Adam(network.Weights, options.LearningRate);
        using var rates = new Adam([network.Rates_M], options.RateLearningRate);
        var (mean, since) = (0.0, 0);
        var batches = Batches(examples.Count).GetEnumerator();
        for (var step = 1; step <= options.Steps; step++)
        {
            weights.ZeroGradients();
            rates.ZeroGradients();
            var loss = 0.0;
            for (var batch = 0; batch < options.BatchesPerStep && batches.MoveNext(); batch++)
                loss += Accumulate(network, objective, original, examples, reading, batches.Current) / options.BatchesPerStep;
            Check(loss);
            Optimiser.ClipGradients([.. network.Weights, network.Rates_M], options.GradientClip);
            weights.Step();
            rates.Step();
            losses?.Invoke(loss);
            (mean, since) = (mean + loss, since + 1);
            if (step % StepsPerReport != 0 && step != 1 && step != options.Steps)
                continue;

            Session.Progress?.Report(FormattableString.Invariant($"mend: step {step}/{options.Steps} loss {mean / since:0.000}"));
            (mean, since) = (0, 0);
        }
    }

    // Adds the gradient of one edited model; returns its loss.
    private double Accumulate(
        Hypernetwork network, EditObjective objective, WeightSnapshot original, IReadOnlyList<EncodedExample> examples,
            GradientReading reading, int[] batch)
    {
        using var scope = NewDisposeScope();
        WeightedSequence[] wanted =
            [.. batch.SelectMany(i => examples[i].Wanted(options.Wanted, Random, options.EditWeight / batch.Length))];
        WeightedSequence[] kept = [.. batch.SelectMany(i => examples[i].Kept(Random, options.LocalityWeight / batch.Length))];
        var before_LV = objective.Before(kept);
        var changes_OI = reading.Of(batch).Select((read, matrix) => MendEditor.Change(network, matrix, read)).ToList();
        objective.Apply(changes_OI);
        var result = objective.Run(wanted, kept, before_LV);
        original.Restore();
        EditObjective.HandOn([.. result.Gradients_OI.Select(gradient_OI => gradient_OI / Held(options.BatchesPerStep))], changes_OI);
        return result.Edit + result.Locality;
    }

    // Endless: the examples shuffled again and again; a batch never holds one twice.
    private IEnumerable<int[]> Batches(int examples)
    {
        int[] order = [.. Enumerable.Range(0, examples)];
        var size = Math.Min(options.EditsPerBatch, examples);
        while (true)
        {
            Random.Shuffle(order);
            foreach (var batch in order.Chunk(size).Where(batch => batch.Length == size))
                yield return batch;
        }
    }
}
