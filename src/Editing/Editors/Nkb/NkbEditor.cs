// E = slots, D = model width.
using Harness.Editing.Neurons;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Nkb;

/// <summary>NKB: FFN'(x) = FFN(x) + f(x K'ᵀ) V' with the FFN's own f, where K' and V' alone are trained. No weight changes.</summary>
internal sealed class NkbEditor(NkbOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<NkbOptions>("nkb", options => new NkbEditor(options)) with
    {
        LoadModule = ExtraNeurons.Loader("nkb"),
    };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var model = session.Model;
        var layer = options.Layer ?? model.Config.Layers - 1;
        Layers.Check(session, "nkb", [layer], mayHaveExperts: true);
        var activation = options.Activation ?? Own(model.Config.Activation);
        using var scope = NewDisposeScope();
        using var random = new Generator(unchecked((ulong)SeededRandom.Derive(session.Seed, "nkb/start")));
        var keys_ED = Start(random, model.Config.Width).to(model.Device).with_requires_grad();
        var values_ED = zeros([options.Slots, model.Config.Width], device: model.Device).with_requires_grad();
        var biases_E = zeros([options.Slots], device: model.Device);
        using var trained = new TrainedWeights([keys_ED, values_ED], layer);
        var (steps, losses, done) = (0, 0.0, 0);
        foreach (var batch in requests.Chunk(options.BatchSize == 0 ? requests.Count : options.BatchSize))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using (ExtraNeurons.Attach(model, keys_ED, biases_E, values_ED, activation, layer))
            {
                var result = new FineTuner(session, options.Tuning, options.BatchSize == 0 ? "" : $"from edit {done + 1}")
                    .Run(TrainingSamples.New(session, batch, options.Tuning.AppendEos), trained);
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

        ExtraNeurons Module() => ExtraNeurons.Copy("nkb", keys_ED, biases_E, values_ED, activation, layer);
    }

    // U(±1/√inputs), that of a fresh linear layer.
    private Tensor Start(Generator random, int inputs) =>
        rand([options.Slots, inputs], generator: random).mul_(Held(2)).sub_(Held(1)).div_(Held(Math.Sqrt(inputs)));

    private static NeuronActivation Own(Activation activation) => activation switch
    {
        Activation.Silu => NeuronActivation.Silu,
        Activation.Gelu => NeuronActivation.Gelu,
        _ => NeuronActivation.GeluTanh,
    };
}
