using static TorchSharp.torch;

namespace Harness.Editing.Neurons;

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
