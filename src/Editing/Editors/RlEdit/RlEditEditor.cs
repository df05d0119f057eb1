// N = tokens that are read, I = inputs of a matrix, O = its outputs, L = answer tokens of kept prompts, V = vocabulary.
using Harness.Editing.Gradients;
using Harness.Editing.Hypernetworks;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.RlEdit;

/// <summary>
/// RLEdit: a hypernetwork, trained over whole sequences of edits, says for every token by how much a matrix's output is to move; least
/// squares make one change of a turn's tokens (MALMEN).
/// </summary>
internal sealed class RlEditEditor(RlEditOptions options) : IEditor
{
    /// <summary>How the harness knows it. Mistral-7B's layers, which fit the default projection.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<RlEditOptions>("rledit", options => new RlEditEditor(options)) with
    {
        Examples = ExampleUse.Needed,
        Training = EditorTraining.Of<RlEditOptions, RlEditTrainingOptions>(
            options => options.Training, (options, session, file) => new RlEditTraining(options, session).Run(file)),
        Open = OpenOption.Layers("training.layers", 17, 18),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var training = options.Training;
        using var network = Hypernetwork.Load(session, training.Settings);
        var reader = new GradientReader(session, network.Matrices, training.Tokens);
        return GradientEdits.Run(session, requests, options.BatchSize, training.AppendEos, reader, network.Matrices, reading =>
        {
            network.Observe(reading.Matrices);
            return [.. reading.Matrices.Select((read, matrix) => Change(network, matrix, read))];
        });
    }

    /// <summary>ΔW of (KᵀK + e^λ) ΔWᵀ = KᵀV with rows v = −η (k·k̃) g̃.</summary>
    /// <returns>[O, I] float64 with the network's graph, owned by the caller's dispose scope.</returns>
    internal static Tensor Change(Hypernetwork network, int matrix, TokenGradients read)
    {
        using var scope = NewDisposeScope();
        var (keys_NI, gradients_NO) = network.Transform(matrix, read);
        var values_NO = gradients_NO * (read.Keys_NI * keys_NI).sum(1L, keepdim: true) * network.Rates_M[matrix].neg();
        return RidgeSolution.Of(read.Keys_NI, values_NO, network.Ridge(matrix)).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Trains RLEdit's hypernetwork: sequences of turns are edited into the model one after another; after each turn the model answers for that
/// turn and those before, and the gradients of a whole sequence make one update. No gradient flows from a turn into the changes of earlier
/// ones: to a turn, the model that they left is the state, and its own change the action.
/// </summary>
internal sealed class RlEditTraining(RlEditTrainingOptions options, EditSession session)
    : HypernetworkTraining(session, options.Settings, options.AppendEos, options.LocalityWeight)
{
    /// <inheritdoc/>
    protected override void Train(Hypernetwork network, IReadOnlyList<EncodedExample> examples, Action<double>? losses)
    {
        using var original = new WeightSnapshot(Session.Model, [.. network.Matrices.Select(matrix => matrix.Parameter)]);
        var reader = new GradientReader(Session, network.Matrices, options.Tokens);
        var objective = new EditObjective(Session, network.Matrices);
        using var optimiser = new Adam([.. network.Weights, network.Rates_M], options.LearningRate);
        int[] order = [.. Enumerable.Range(0, examples.Count)];
        for (var sequence = 1; sequence <= options.Sequences; sequence++)
        {
            Random.Shuffle(order);
            var turns = order.Chunk(options.TurnSize).Where((turn, number) => number == 0 || turn.Length == options.TurnSize)
                .Take(options.Turns).Select(turn => turn.Select(i => examples[i]).ToArray()).ToList();
            optimiser.ZeroGradients();
            var loss = 0.0;
            for (var turn = 0; turn < turns.Count; turn++)
            {
                EncodedExample[][] asked = [.. turns.Take(turn + 1).Reverse().Take(options.BackDepth)];
                loss += Turn(network, reader, objective, asked) / turns.Count;
                Optimiser.ClipGradients([.. network.Weights, network.Rates_M], options.GradientClip);
            }

            Check(loss);
            optimiser.Step();
            original.Restore();
            losses?.Invoke(loss);
            Session.Progress?.Report(FormattableString.Invariant($"rledit: sequence {sequence}/{options.Sequences} loss {loss:0.000}"));
        }
    }

    // Edits the live weights for the first of the turns and adds the gradient of what the model then says to all of them; returns the loss.
    private double Turn(Hypernetwork network, GradientReader reader, EditObjective objective, EncodedExample[][] asked)
    {
        using var scope = NewDisposeScope();
        var reading = reader.Read([.. asked[0].Select(example => example.Prompt)]);
        network.Observe(reading.Matrices);
        var (wanted, kept) = (new List<WeightedSequence>(), new List<WeightedSequence>());
        for (var since = 0; since < asked.Length; since++)
        {
            var weight = Math.Pow(options.Decay, since) / asked[since].Length;
            wanted.AddRange(asked[since].SelectMany(example => example.Wanted(options.Wanted, Random, weight)));
            kept.AddRange(asked[since].SelectMany(example => example.Kept(Random, weight * options.LocalityWeight)));
        }

        var before_LV = objective.Before(kept);
        var changes_OI = reading.Matrices.Select((read, matrix) => RlEditEditor.Change(network, matrix, read)).ToList();
        objective.Apply(changes_OI);
        using var required = objective.Require();
        var result = objective.Run(wanted, kept, before_LV);
        var gradients_OI = result.Gradients_OI.Zip(changes_OI, (gradient_OI, change_OI) =>
            gradient_OI.Plus(change_OI.detach() * Held(2 * options.RegularisationWeight))).ToList();
        var regularisation = options.RegularisationWeight * changes_OI.Sum(change_OI => change_OI.detach().pow(Held(2)).sum().AsDouble());
        EditObjective.HandOn(gradients_OI, changes_OI);
        return result.Edit + result.Locality + regularisation;
    }
}
