// E = neurons, D = model width.
using Harness.Editing.Neurons;
using Harness.Editing.Pipelines;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.CaLiNet;

/// <summary>CaLiNet: FFN'(x) = FFN(x) + act(x Kᵀ) V with new K and V, trained with the common loss. No weight changes.</summary>
internal sealed class CaLiNetEditor(CaLiNetOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<CaLiNetOptions>(
        "calinet", options => new CaLiNetEditor(options)) with
    {
        LoadModule = ExtraNeurons.Loader("calinet"),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var model = session.Model;
        var layer = options.Layer ?? model.Config.Layers - 1;
        Layers.Check(session, "calinet", [layer], mayHaveExperts: true);
        using var scope = NewDisposeScope();
        using var random = new Generator(unchecked((ulong)SeededRandom.Derive(session.Seed, "calinet/start")));
        var keys_ED = Start(model.Config.Width).to(model.Device).with_requires_grad();
        var values_ED = Start(options.Neurons).to(model.Device).with_requires_grad();
        var biases_E = zeros([options.Neurons], device: model.Device);
        using var trained = new TrainedWeights([keys_ED, values_ED], layer);
        var (steps, losses, done) = (0, 0.0, 0);
        foreach (var batch in requests.Chunk(options.BatchSize == 0 ? requests.Count : options.BatchSize))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var samples = TrainingSamples.New(session, batch, options.Tuning.AppendEos);
            using (ExtraNeurons.Attach(model, keys_ED, biases_E, values_ED, options.Activation, layer))
            {
                var result = new FineTuner(session, options.Tuning, options.BatchSize == 0 ? "" : $"from edit {done + 1}")
                    .Run(samples, trained);
                (steps, losses) = (steps + result.Steps, losses + result.Loss * batch.Length);
            }

            done += batch.Length;
            if (session.AfterBatch is { } told)
            {
                using var soFar = Module();
                told(batch, soFar);
            }
        }

        return new Edit([], new FineTuningResult(steps, losses / requests.Count).Figures, Module());

        ExtraNeurons Module() => ExtraNeurons.Copy("calinet", keys_ED, biases_E, values_ED, options.Activation, layer);

        // U(±1/√inputs), that of a fresh linear layer: keys have D inputs, values E.
        Tensor Start(int inputs) =>
            rand([options.Neurons, model.Config.Width], generator: random).mul_(Held(2)).sub_(Held(1)).div_(Held(Math.Sqrt(inputs)));
    }
}
