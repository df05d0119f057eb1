// I = MLP width, N = keys.
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>K Kᵀ of the edits that are already made, for each layer; its tensors belong to the dispose scope that it is made in.</summary>
internal sealed class KeyMemory(IReadOnlyList<int> layers, long width)
{
    private readonly Dictionary<int, Tensor> sums =
        layers.ToDictionary(layer => layer, _ => zeros(width, width, dtype: ScalarType.Float64));

    /// <summary>[I, I] float64.</summary>
    public Tensor Of(int layer) => sums[layer];

    /// <summary>Adds the keys of a batch, [N, I] float64.</summary>
    public void Add(int layer, Tensor keys_NI)
    {
        using var scope = NewDisposeScope();
        sums[layer].PlusInPlace(keys_NI.t().matmul(keys_NI));
    }
}
