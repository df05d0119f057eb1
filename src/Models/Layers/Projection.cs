// I = inputs, O = outputs.
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>y = x Wᵀ, plus the low-rank adapters that are attached at the moment.</summary>
internal sealed class Projection(string name, Parameter weight_OI)
{
    private List<LowRankAdapter>? adapters;

    public Tensor Apply(Tensor input)
    {
        var output = nn.functional.linear(input, weight_OI);
        return adapters is null ? output : Adapted(input, output);
    }

    /// <summary>Attaches an adapter until the result is disposed.</summary>
    public IDisposable Attach(LowRankAdapter adapter)
    {
        adapter.Validate(name, weight_OI.shape[0], weight_OI.shape[1]);
        (adapters ??= []).Add(adapter);
        return new Attachment(this, adapter);
    }

    private Tensor Adapted(Tensor input, Tensor output)
    {
        using var scope = NewDisposeScope();
        foreach (var adapter in adapters!)
        {
            using var plain = output;
            output = plain + adapter.Apply(input);
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
