// I = inputs, O = outputs.
using Harness.Models.Weights;
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>
/// y = x Wᵀ for a weight that is not kept: it is read in the forward pass and once more in the backward pass, so that a graph through many
/// layers holds none of their weights. The weight has no gradient.
/// </summary>
internal sealed class FrozenLinear : autograd.SingleTensorFunction<FrozenLinear>
{
    private const string WeightKey = "weight";

    /// <inheritdoc/>
    public override string Name => nameof(FrozenLinear);

    /// <summary>[..., I] to [..., O].</summary>
    /// <exception cref="ArgumentException">The input has another width than the weight: found here, because libtorch ends the process in
    /// the backward pass.</exception>
    public static Tensor Apply(Tensor input, Weight weight_OI) => input.shape is [.., var width] && width == weight_OI.Shape[1]
        ? apply(input, weight_OI)
        : throw new ArgumentException(
            $"{weight_OI.Name}: found an input of shape [{string.Join(", ", input.shape)}], expected [..., {weight_OI.Shape[1]}]",
                nameof(input));

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var weight = (Weight)vars[1];
        ctx.save_data(WeightKey, weight);
        using var read_OI = weight.Read();
        return nn.functional.linear((Tensor)vars[0], read_OI.Value);
    }

    /// <inheritdoc/>
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
