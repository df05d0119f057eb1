// N = target tokens of an edit, M = remembered queries, E = neurons, D = model width.
using Harness.Editing.Neurons;
using Harness.Editing.Pipelines;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.TPatcher;

/// <summary>
/// T-Patcher: each edit adds neurons to the last MLP, out += act(x·k + b) v, and trains them alone; those of earlier edits are frozen. No
/// weight changes.
/// </summary>
internal sealed class TPatcherEditor(TPatcherOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var mlp = new LastMlp(session, TrainingSamples.New(session, requests, options.AppendEos));
        var neurons = Patch.None(session.Model);
        var memory_MD = Memory(session);
        var (losses, patched) = (0.0, 0);
        for (var i = 0; i < requests.Count; i++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var (start, count) = mlp.Rows(i);
            var inputs_ND = mlp.Inputs_ND.narrow(0, start, count);
            var before_ND = mlp.Outputs_ND.narrow(0, start, count).Plus(neurons.Apply(inputs_ND, options.Activation));
            var (patch, loss) = new PatchTraining(session, options).Run(
                inputs_ND, before_ND, mlp.Labels[start..(start + count)], memory_MD, $"t-patcher/{i}");
            losses += loss;
            if (patch is not null)
            {
                patched++;
                neurons = neurons.With(patch).MoveToOuterDisposeScope();
                memory_MD = cat([memory_MD, inputs_ND]).MoveToOuterDisposeScope();
            }

            if (session.AfterBatch is { } told)
            {
                using var soFar = Module(session, neurons);
                told([requests[i]], soFar);
            }

            session.Progress?.Report(FormattableString.Invariant($"edit {i + 1}/{requests.Count} loss {loss:0.000}"));
        }

        var figures = new Dictionary<string, double>
        {
            ["loss"] = losses / requests.Count,
            ["neurons"] = neurons.Keys_ED.shape[0],
            ["patched"] = patched,
        };
        return new Edit([], figures, Module(session, neurons));
    }

    private ExtraNeurons Module(EditSession session, Patch neurons) => ExtraNeurons.Copy(
        "t-patcher", neurons.Keys_ED, neurons.Biases_E, neurons.Values_ED, options.Activation, session.Model.Config.Layers - 1);

    // What the last MLP reads where other facts are answered.
    private Tensor Memory(EditSession session)
    {
        var samples = session.Examples.SelectMany(example => example.Locality)
            .Select(other => session.Encode(other.Prompt, other.Answer, options.AppendEos)).ToList();
        using var mlp = new LastMlp(session, samples);
        int[] rows = [.. Enumerable.Range(0, mlp.Labels.Length)];
        new SeededRandom(session.Seed, "t-patcher/memory").Shuffle(rows);
        return mlp.Inputs_ND.index_select(
            0, tensor(rows.Take(options.MemorySize).Order().Select(row => (long)row).ToArray(), device: session.Model.Device));
    }
}
