// B = batch, T = positions, D = model width, E = extra neurons.
using System.Text.Json.Nodes;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Neurons;

/// <summary>
/// Neurons beside those of one layer's MLP: with x what the MLP reads, behind its norm, its output becomes MLP(x) + act(x Kᵀ + b) V.
/// Everything else of the model stays as it is.
/// </summary>
/// <param name="kind">Name of the editor that made them.</param>
/// <param name="keys_ED">K, [E, D] float32 on the CPU; owned by the module from now on, as the others.</param>
/// <param name="biases_E">b, [E].</param>
/// <param name="values_ED">V, [E, D].</param>
/// <param name="activation">The non-linearity.</param>
/// <param name="layer">The layer, from 0.</param>
internal sealed class ExtraNeurons(string kind, Tensor keys_ED, Tensor biases_E, Tensor values_ED, NeuronActivation activation, int layer)
    : EditModule(
    kind,
    new Dictionary<string, Tensor> { [KeysName] = keys_ED, [BiasesName] = biases_E, [ValuesName] = values_ED },
    new JsonObject { [ActivationName] = CanonicalJson.ToNode(activation), [LayerName] = layer })
{
    private const string KeysName = "keys", BiasesName = "biases", ValuesName = "values", ActivationName = "activation",
        LayerName = "layer";

    /// <summary>What reads such neurons back from a stored edit.</summary>
    public static Func<IReadOnlyDictionary<string, Tensor>, JsonObject, EditModule> Loader(string kind) => (tensors, settings) =>
        new ExtraNeurons(
        kind, tensors[KeysName], tensors[BiasesName], tensors[ValuesName],
        CanonicalJson.FromNode<NeuronActivation>(settings[ActivationName]), settings[LayerName]!.GetValue<int>());

    /// <summary>A module of its own with copies of the neurons as they are now.</summary>
    public static ExtraNeurons Copy(string kind, Tensor keys_ED, Tensor biases_E, Tensor values_ED, NeuronActivation activation, int layer)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return new(kind, Own(keys_ED), Own(biases_E), Own(values_ED), activation, layer);

        static Tensor Own(Tensor tensor) => tensor.detach().to(CPU).contiguous().clone().DetachFromDisposeScope();
    }

    /// <summary>act(x Kᵀ + b) V, [..., D] to [..., D], with gradients.</summary>
    public static Tensor Apply(Tensor input, Tensor keys_ED, Tensor biases_E, Tensor values_ED, NeuronActivation activation)
    {
        using var scope = NewDisposeScope();
        return activation.Apply(nn.functional.linear(input, keys_ED, biases_E)).matmul(values_ED).MoveToOuterDisposeScope();
    }

    /// <summary>Puts live tensors beside a layer's MLP until the result is disposed; they stay the caller's.</summary>
    public static IDisposable Attach(
        Transformer model, Tensor keys_ED, Tensor biases_E, Tensor values_ED, NeuronActivation activation, int layer) =>
        model.Attach(new Hook(layer, input => Apply(input, keys_ED, biases_E, values_ED, activation)));

    /// <inheritdoc/>
    public override IDisposable Attach(Transformer model)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        Tensor[] own = [.. new[] { KeysName, BiasesName, ValuesName }.Select(
            name => Tensors[name].to(model.Device, copy: true).DetachFromDisposeScope())];
        return new Attached(Attach(model, own[0], own[1], own[2], activation, layer), own);
    }

    /// <inheritdoc/>
    protected override int? Layer => layer;

    /// <inheritdoc/>
    protected override IEnumerable<(string Tensor, long?[] Shape)> Shapes(Transformer model) =>
    [
        (KeysName, [null, model.Config.Width]), (BiasesName, [SizeOf(KeysName, 0)]),
            (ValuesName, [SizeOf(KeysName, 0), model.Config.Width]),
    ];

    private sealed class Attached(IDisposable hook, Tensor[] own) : IDisposable
    {
        public void Dispose()
        {
            hook.Dispose();
            foreach (var tensor in own)
                tensor.Dispose();
        }
    }

    // The MLP's input is alive until its output is known: the layer frees it afterwards.
    private sealed class Hook(int wanted, Func<Tensor, Tensor> neurons) : IActivationHook
    {
        private Tensor? input_BTD;

        public void MlpInput(int layer, Tensor normed_BTD)
        {
            if (layer == wanted)
                input_BTD = normed_BTD;
        }

        public Tensor MlpOutput(int layer, Tensor value_BTD)
        {
            if (layer != wanted)
                return value_BTD;

            using var added_BTD = neurons(input_BTD!);
            input_BTD = null;
            return value_BTD.Plus(added_BTD);
        }
    }
}

/// <summary>Non-linearity of neurons that stand beside an MLP.</summary>
public enum NeuronActivation
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x · σ(x).</summary>
    Silu,

    /// <summary>x · Φ(x).</summary>
    Gelu,

    /// <summary>GELU's approximation by tanh.</summary>
    GeluTanh,
}

/// <summary>The non-linearities as functions.</summary>
internal static class NeuronActivations
{
    /// <summary>Applies one to every element.</summary>
    public static Tensor Apply(this NeuronActivation activation, Tensor input) => activation switch
    {
        NeuronActivation.Relu => nn.functional.relu(input),
        NeuronActivation.Silu => nn.functional.silu(input),
        NeuronActivation.Gelu => nn.functional.gelu(input),
        _ => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh),
    };
}
