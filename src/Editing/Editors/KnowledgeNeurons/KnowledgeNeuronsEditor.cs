// O = model width, I = MLP width, R = neurons.
using Harness.Editing.Locating;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.KnowledgeNeurons;

/// <summary>
/// Knowledge Neurons: for each request, in order, the neurons to which the old answer is owed; their value vectors v become
/// v − λ1 ‖v‖ e_old/‖e_old‖ + λ2 ‖v‖ e_new/‖e_new‖.
/// </summary>
internal sealed class KnowledgeNeuronsEditor(KnowledgeNeuronsOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var model = session.Model;
        Layers.Check(session, "knowledge-neurons", [.. Enumerable.Range(0, model.Config.Layers)]);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var contexts = Contexts.Sample(session, options.Contexts);
        using var originals = new Originals(model);
        var (changes, done, found) = (new SortedDictionary<(int Layer, int Index), Tensor>(), 0, 0);
        foreach (var request in requests)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var neurons = Find(session, options, contexts, request);
            var (old_O, new_O) = (Direction(session, request, request.TargetOld), Direction(session, request, request.TargetNew));
            foreach (var neuron in neurons)
            {
                originals.Keep(neuron.Layer);
                var value_O = model.Parameter(Sites.DownProjection(neuron.Layer)).select(1, neuron.Index);
                var change_O = (new_O * Held(options.NewFactor) - old_O * Held(options.OldFactor)) * value_O.norm(2f);
                value_O.PlusInPlace(change_O);
                var key = (neuron.Layer, neuron.Index);
                changes[key] = (changes.TryGetValue(key, out var before) ? before.Plus(change_O) : change_O).MoveToOuterDisposeScope();
            }

            found += neurons.Count;
            session.AfterBatch?.Invoke([request], null);
            session.Progress?.Report(FormattableString.Invariant($"edit {++done}/{requests.Count} neurons {neurons.Count}"));
        }

        var figures = new Dictionary<string, double> { ["neurons"] = found, ["columns"] = changes.Count };
        return new Edit([.. changes.GroupBy(change => change.Key.Layer).Select(layer => Delta(model, layer))], figures);
    }

    /// <summary>The neurons of a request's old answer.</summary>
    internal static IReadOnlyList<Neuron> Find(
        EditSession session, KnowledgeNeuronsOptions options, IReadOnlyList<string> contexts, EditRequest request)
    {
        var coarse = contexts.Select(context =>
        {
            using var scope = NewDisposeScope();
            var sequence = session.Encode(context + request.Prompt, Old(request), appendEos: false);
            var (prompt, token) = (sequence.Ids[..sequence.TargetStart], sequence.Ids[sequence.TargetStart]);
            return NeuronChoice.Coarse(Attribution.Of(session, prompt, token, options.Steps), options.Threshold);
        });
        return NeuronChoice.Refined([.. coarse], options);
    }

    private static string Old(EditRequest request) => request.TargetOld.Length > 0
        ? request.TargetOld
        : throw new InputException(
            $"case {request.Id}: found no old answer, expected one: knowledge-neurons looks for the neurons that it is owed to; give it");

    // The vector of an answer's first token, of length 1.
    private Tensor Direction(EditSession session, EditRequest request, string answer)
    {
        var sequence = session.Encode(request.Prompt, answer, appendEos: false);
        var rows_VO = session.Model.Parameter(options.Vector == TokenVector.Head ? Sites.Head : Sites.Embedding);
        var row_O = rows_VO[sequence.Ids[sequence.TargetStart]];
        return row_O / row_O.norm(2f);
    }

    // Columns times rows that pick them: everything else is exactly zero.
    private static WeightDelta Delta(Transformer model, IGrouping<int, KeyValuePair<(int Layer, int Index), Tensor>> layer)
    {
        var left_OR = stack(layer.Select(change => change.Value.cpu()), 1);
        var columns = tensor(layer.Select(change => (long)change.Key.Index).ToArray());
        return WeightDelta.FromFactors(
            Sites.DownProjection(layer.Key), left_OR, nn.functional.one_hot(columns, model.Config.MlpWidth).to(ScalarType.Float32));
    }

    // The down-projections before the first change of each.
    private sealed class Originals(Transformer model) : IDisposable
    {
        private readonly Dictionary<int, WeightSnapshot> snapshots = [];

        public void Keep(int layer)
        {
            if (!snapshots.ContainsKey(layer))
                snapshots.Add(layer, new WeightSnapshot(model, [Sites.DownProjection(layer)]));
        }

        public void Dispose()
        {
            foreach (var snapshot in snapshots.Values)
                snapshot.Dispose();
        }
    }
}
