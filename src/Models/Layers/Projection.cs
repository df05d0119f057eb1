// I = inputs, O = outputs.
using Harness.Models.Weights;
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>
/// y = x Wᵀ + b, plus the low-rank adapters that are attached at the moment. A weight that is not in memory is read for each use.
/// </summary>
internal sealed class Projection(Weight weight_OI, Weight? bias_O = null)
{
    private List<LowRankAdapter>? adapters;

    public Tensor Apply(Tensor input)
    {
        var output = weight_OI.Present is { } present
            ? nn.functional.linear(input, present, bias_O?.Live)
            : Streamed(input);
        return adapters is null ? output : Adapted(input, output);
    }

    /// <summary>Attaches an adapter until the result is disposed.</summary>
    public IDisposable Attach(LowRankAdapter adapter)
    {
        adapter.Validate(weight_OI.Name, weight_OI.Shape[0], weight_OI.Shape[1]);
        (adapters ??= []).Add(adapter);
        return new Attachment(this, adapter);
    }

    private Tensor Streamed(Tensor input)
    {
        if (input.requires_grad && is_grad_enabled())
        {
            var product = FrozenLinear.Apply(input, weight_OI);
            if (bias_O is null) return product;
            using (product) return product.Plus(bias_O.Live);
        }

        using var read = weight_OI.Read();
        return nn.functional.linear(input, read.Value, bias_O?.Live);
    }

    private Tensor Adapted(Tensor input, Tensor output)
    {
        using var scope = NewDisposeScope();
        foreach (var adapter in adapters!)
        {
            using var plain = output;
            output = plain.Plus(adapter.Apply(input));
        }

        return output.MoveToOuterDisposeScope();
    }

    private void Remove(LowRankAdapter adapter)
    {
        // By reference: two adapters over the same tensors are equal as records.
        if (adapters?.FindIndex(other => ReferenceEquals(other, adapter)) is not (>= 0 and var index)) return;
        adapters.RemoveAt(index);
        if (adapters.Count == 0) adapters = null;
    }

    private sealed class Attachment(Projection projection, LowRankAdapter adapter) : IDisposable
    {
        private bool disposed;

        public void Dispose()
        {
            if (disposed) return;
            disposed = true;
            projection.Remove(adapter);
        }
    }
}
