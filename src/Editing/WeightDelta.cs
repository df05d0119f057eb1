// O = rows of the weight, I = columns, R = rank of the change.
using static TorchSharp.torch;

namespace Harness.Editing;

/// <summary>The change of one parameter: dense, or the product of two thin matrices. float32 on the CPU; it owns its tensors.</summary>
public sealed class WeightDelta : IDisposable
{
    private WeightDelta(string parameter, Tensor? dense_OI, Tensor? left_OR, Tensor? right_RI) =>
        (Parameter, Whole_OI, Left_OR, Right_RI) = (parameter, dense_OI, left_OR, right_RI);

    /// <summary>Name of the parameter, as in <see cref="Models.Transformer.ParameterNames"/>.</summary>
    public string Parameter { get; }

    /// <summary>The change itself, float32, in the parameter's shape; null where it is stored as a product.</summary>
    public Tensor? Whole_OI { get; }

    /// <summary>Left factor, [O, R] float32; null where the change is dense.</summary>
    public Tensor? Left_OR { get; }

    /// <summary>Right factor, [R, I] float32; null where the change is dense.</summary>
    public Tensor? Right_RI { get; }

    /// <summary>Whether the change is stored as a product.</summary>
    public bool IsLowRank => Whole_OI is null;

    /// <summary>Shape of the parameter that this changes.</summary>
    public long[] Shape => Whole_OI is { } whole ? whole.shape : [Left_OR!.shape[0], Right_RI!.shape[1]];

    /// <summary>A dense change, of any shape.</summary>
    /// <param name="parameter">Name of the parameter.</param>
    /// <param name="delta_OI">Copied to float32 and to the CPU; stays the caller's.</param>
    public static WeightDelta Dense(string parameter, Tensor delta_OI) => new(parameter, Own(delta_OI), null, null);

    /// <summary>A change of rank R: left times right.</summary>
    /// <param name="parameter">Name of the parameter.</param>
    /// <param name="left_OR">[O, R], copied to float32; stays the caller's.</param>
    /// <param name="right_RI">[R, I], copied to float32; stays the caller's.</param>
    /// <exception cref="ArgumentException">The inner sizes differ.</exception>
    public static WeightDelta LowRank(string parameter, Tensor left_OR, Tensor right_RI)
    {
        CheckFactors(parameter, left_OR, right_RI);
        return new(parameter, null, Own(left_OR), Own(right_RI));
    }

    /// <summary>The smaller of the two forms of the same change: the product where it has fewer numbers, else the dense one.</summary>
    /// <param name="parameter">Name of the parameter.</param>
    /// <param name="left_OR">[O, R].</param>
    /// <param name="right_RI">[R, I].</param>
    /// <exception cref="ArgumentException">The inner sizes differ.</exception>
    public static WeightDelta FromFactors(string parameter, Tensor left_OR, Tensor right_RI)
    {
        CheckFactors(parameter, left_OR, right_RI);
        if (left_OR.numel() + right_RI.numel() <= left_OR.shape[0] * right_RI.shape[1])
            return LowRank(parameter, left_OR, right_RI);

        using var dense_OI = left_OR.matmul(right_RI);
        return Dense(parameter, dense_OI);
    }

    /// <summary>The change in the parameter's shape, float32; the caller disposes it.</summary>
    public Tensor ToDense()
    {
        using var guard = no_grad();
        return Whole_OI is { } whole ? whole.clone() : Left_OR!.matmul(Right_RI!);
    }

    /// <summary>Adds the change to a weight in place, in float32, then rounded to the weight's dtype.</summary>
    /// <param name="weight_OI">A tensor of <see cref="Shape"/>.</param>
    public void AddTo(Tensor weight_OI)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var delta_OI = (Whole_OI ?? ToDense()).to(weight_OI.device);
        if (weight_OI.dtype == ScalarType.Float32)
            weight_OI.PlusInPlace(delta_OI);
        else
            weight_OI.copy_(weight_OI.to(ScalarType.Float32).PlusInPlace(delta_OI));
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Whole_OI?.Dispose();
        Left_OR?.Dispose();
        Right_RI?.Dispose();
    }

    private static void CheckFactors(string parameter, Tensor left_OR, Tensor right_RI)
    {
        if (left_OR.shape is not [_, var left] || right_RI.shape is not [var right, _] || left != right)
        {
            throw new ArgumentException(
                $"{parameter}: factors [{string.Join(", ", left_OR.shape)}] and [{string.Join(", ", right_RI.shape)}] have no product.");
        }
    }

    private static Tensor Own(Tensor tensor)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float32).to(CPU).contiguous().clone().DetachFromDisposeScope();
    }
}
