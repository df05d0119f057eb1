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
        return new Attachment(() => Remove(adapter));
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
}

/// <summary>
/// y = x Wᵀ for a weight that is not kept: it is read in the forward pass and once more in the backward pass, so that a graph through many
/// layers holds none of their weights. The weight has no gradient.
/// </summary>
internal sealed class FrozenLinear : autograd.SingleTensorFunction<FrozenLinear>
{
    private const string WeightKey = "weight";

    public override string Name => nameof(FrozenLinear);

    /// <summary>[..., I] to [..., O].</summary>
    /// <exception cref="ArgumentException">The input has another width than the weight: found here, because libtorch ends the process in
    /// the backward pass.</exception>
    public static Tensor Apply(Tensor input, Weight weight_OI) => input.shape is [.., var width] && width == weight_OI.Shape[1]
        ? apply(input, weight_OI)
        : throw new ArgumentException(
            $"{weight_OI.Name}: found an input of shape [{string.Join(", ", input.shape)}], expected [..., {weight_OI.Shape[1]}]",
                nameof(input));

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var weight = (Weight)vars[1];
        ctx.save_data(WeightKey, weight);
        using var read_OI = weight.Read();
        return nn.functional.linear((Tensor)vars[0], read_OI.Value);
    }

    public override List<Tensor?> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var weight = (Weight)ctx.get_data(WeightKey)!;
        try
        {
            if (weight.Present is { } present_OI) return [grad_output.matmul(present_OI), null];
            using var read_OI = weight.Read();
            return [grad_output.matmul(read_OI.Value), null];
        }
        catch (Exception failure)
        {
            // Nothing may be thrown through libtorch, which called this: the gradient is not a number, and the weight's next reading tells
            // why.
            weight.Fail(failure);
            return [full([.. grad_output.shape[..^1], weight.Shape[1]], Held(double.NaN), grad_output.dtype, grad_output.device), null];
        }
    }
}
