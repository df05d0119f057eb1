// O = model width, I = MLP width, R = neurons, P = steps, T = positions, D = model width, L = layers.
using Harness.Editing.Locating;
using Harness.Editing.Memory;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.KnowledgeNeurons;

/// <summary>
/// Knowledge Neurons: for each request, in order, the neurons to which the old answer is owed; their value vectors v become
/// v − λ1 ‖v‖ e_old/‖e_old‖ + λ2 ‖v‖ e_new/‖e_new‖, or, where the neuron's activation w at the prompt is negative, take the same change
/// with the other sign: the network adds w v, and a gated MLP's neuron expresses a fact with either sign. The paper's activations, of GELU,
/// are positive where they express anything.
/// </summary>
internal sealed class KnowledgeNeuronsEditor(KnowledgeNeuronsOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor =>
        EditorDescriptor.Of<KnowledgeNeuronsOptions>("knowledge-neurons", options => new KnowledgeNeuronsEditor(options));

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
            var signs = neurons.Select(neuron => neuron.Layer).Distinct()
                .ToDictionary(layer => layer, layer => Signs(session, request, layer));
            var (old_O, new_O) = (Direction(session, request, request.TargetOld), Direction(session, request, request.TargetNew));
            foreach (var neuron in neurons)
            {
                originals.Keep(neuron.Layer);
                var value_O = model.Parameter(Sites.DownProjection(neuron.Layer)).select(1, neuron.Index);
                var change_O = (new_O * Held(options.NewFactor) - old_O * Held(options.OldFactor)) * value_O.norm(2f)
                    * Held(signs[neuron.Layer][neuron.Index]);
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

    // Of the activations at the prompt's last token.
    private static float[] Signs(EditSession session, EditRequest request, int layer)
    {
        using var scope = NewDisposeScope();
        return SubjectPrompt.Keys(session.Model, [new SubjectPrompt(PromptStates.Ids(session, request.Prompt))], layer).sign()
            .data<float>().ToArray();
    }

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

/// <summary>
/// Integrated gradients over the inputs w of the down-projections at a prompt's last token (Dai et al. 2022, eq. 4): with f(x) the
/// probability of a token behind the prompt where x stands in the place of w, Attr(w) = w / m · Σ ∂f(k/m · w)/∂w, k = 1 … m. The
/// reference's code takes k = 0 … m − 1. The sum over a layer goes to f(w) − f(0) as m grows.
/// </summary>
internal static class Attribution
{
    /// <summary>The attributions of every neuron to one token.</summary>
    /// <param name="session">The model, as it stands, and the cancellation.</param>
    /// <param name="prompt">Ids of the prompt.</param>
    /// <param name="token">The id whose probability is attributed.</param>
    /// <param name="steps">m.</param>
    /// <returns>[L, I] float32 on the CPU, owned by the caller's dispose scope.</returns>
    public static Tensor Of(EditSession session, int[] prompt, int token, int steps)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var model = session.Model;
        var hidden_1TD = model.Embed(tensor(Array.ConvertAll(prompt, id => (long)id), [1, prompt.Length], device: model.Device));
        var layers = new List<Tensor>();
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var reader = new LastKey(layer, null);
            var next_1TD = model.Run(hidden_1TD, layer, layer + 1, reader);
            layers.Add(OfLayer(model, hidden_1TD, layer, reader.Key_I!, token, steps));
            hidden_1TD = next_1TD;
        }

        return stack(layers).MoveToOuterDisposeScope();
    }

    /// <summary>f: the token's probability where other activations stand in the place of a layer's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="hidden_1TD">The residual stream before the layer.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="points_PI">[P, I]: activations at the last token.</param>
    /// <param name="token">The token's id.</param>
    /// <returns>[P], with gradients, owned by the caller's dispose scope.</returns>
    public static Tensor Probability(Transformer model, Tensor hidden_1TD, int layer, Tensor points_PI, int token)
    {
        using var scope = NewDisposeScope();
        var hidden_PTD = hidden_1TD.expand(points_PI.shape[0], -1, -1).contiguous();
        var last_P1D = model.Run(hidden_PTD, layer, model.Config.Layers, new LastKey(layer, points_PI), last: 1);
        return model.Head(last_P1D.squeeze(1)).softmax(-1).select(1, token).MoveToOuterDisposeScope();
    }

    private static Tensor OfLayer(Transformer model, Tensor hidden_1TD, int layer, Tensor key_I, int token, int steps)
    {
        using var gradients = enable_grad();
        using var scope = NewDisposeScope();
        var shares_P1 = tensor(Enumerable.Range(1, steps).Select(k => (float)k / steps).ToArray(), device: model.Device).unsqueeze(1);
        var points_PI = (shares_P1 * key_I).requires_grad_(true);
        var sum = Probability(model, hidden_1TD, layer, points_PI, token).sum();
        var gradient_PI = autograd.grad([sum], [points_PI])[0];
        return (gradient_PI.mean([0]) * key_I).cpu().MoveToOuterDisposeScope();
    }

    // Reads the key of the last position, or puts others in its place.
    private sealed class LastKey(int wanted, Tensor? replacement_PI) : IActivationHook
    {
        public Tensor? Key_I { get; private set; }

        public Tensor DownProjectionInput(int layer, Tensor key_PTI)
        {
            if (layer != wanted)
                return key_PTI;

            var last = key_PTI.shape[1] - 1;
            if (replacement_PI is not null)
                return cat([key_PTI.narrow(1, 0, last), replacement_PI.unsqueeze(1)], 1);

            Key_I = key_PTI[0].select(0, last).clone();
            return key_PTI;
        }
    }
}

/// <summary>A neuron: column <paramref name="Index"/> of a layer's down-projection.</summary>
internal readonly record struct Neuron(int Layer, int Index);

/// <summary>Chooses the neurons of a fact from the attributions of its prompts.</summary>
internal static class NeuronChoice
{
    /// <summary>Those of one prompt: an attribution of at least the threshold's share of the largest.</summary>
    /// <param name="attributions_LI">[L, I].</param>
    /// <param name="threshold">The share.</param>
    public static IReadOnlyList<Neuron> Coarse(Tensor attributions_LI, double threshold)
    {
        var all = attributions_LI.data<float>().ToArray();
        var (width, least) = ((int)attributions_LI.shape[1], all.Max() * threshold);
        return [.. Enumerable.Range(0, all.Length).Where(i => all[i] >= least).Select(i => new Neuron(i / width, i % width))];
    }

    /// <summary>
    /// Those that enough of the prompts share, by layer and index; the share is moved until they are neither too few nor too many.
    /// </summary>
    public static IReadOnlyList<Neuron> Refined(IReadOnlyList<IReadOnlyList<Neuron>> coarse, KnowledgeNeuronsOptions options)
    {
        var counts = coarse.SelectMany(one => one).GroupBy(neuron => neuron).Select(group => (Neuron: group.Key, Count: group.Count()))
            .OrderBy(one => one.Neuron.Layer).ThenBy(one => one.Neuron.Index).ToList();
        var share = options.Share;
        var chosen = Shared();
        for (var i = 0; i < options.Adjustments && (chosen.Count < options.LeastNeurons || chosen.Count > options.MostNeurons); i++)
        {
            share += chosen.Count < options.LeastNeurons ? -options.ShareStep : options.ShareStep;
            chosen = Shared();
        }

        return chosen;

        List<Neuron> Shared()
        {
            // A share of 0.7 of 10 prompts is 7 of them, whatever the rounding of their product.
            var least = Math.Max(Math.Min(options.LeastPrompts, coarse.Count), Math.Round(share * coarse.Count, 6));
            return [.. counts.Where(one => one.Count >= least).Select(one => one.Neuron)];
        }
    }
}
