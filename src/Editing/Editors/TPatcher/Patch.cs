// N = rows, E = neurons, D = model width.
using Harness.Editing.Neurons;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.TPatcher;

/// <summary>Neurons of one edit or of several: keys [E, D], biases [E], values [E, D]; they belong to dispose scopes.</summary>
internal sealed record Patch(Tensor Keys_ED, Tensor Biases_E, Tensor Values_ED)
{
    /// <summary>No neuron at all.</summary>
    public static Patch None(Transformer model) => new(
        zeros([0, model.Config.Width], device: model.Device), zeros([0], device: model.Device),
            zeros([0, model.Config.Width], device: model.Device));

    /// <summary>These, then others.</summary>
    public Patch With(Patch other) => new(
        cat([Keys_ED, other.Keys_ED]), cat([Biases_E, other.Biases_E]), cat([Values_ED, other.Values_ED]));

    /// <summary>What they add where the MLP reads the given rows, [N, D] to [N, D].</summary>
    public Tensor Apply(Tensor inputs_ND, NeuronActivation activation) =>
        Keys_ED.shape[0] == 0 ? zeros_like(inputs_ND) : ExtraNeurons.Apply(inputs_ND, Keys_ED, Biases_E, Values_ED, activation);

    /// <summary>Hands the tensors to the dispose scope around the present one.</summary>
    public Patch MoveToOuterDisposeScope() =>
        new(Keys_ED.MoveToOuterDisposeScope(), Biases_E.MoveToOuterDisposeScope(), Values_ED.MoveToOuterDisposeScope());
}
