using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Models.Numerics;

/// <summary>
/// What stands for the members of TorchSharp that make a scalar of their own, unprotected (see <see cref="Scalars"/>): <c>a + b</c> and
/// <c>add_(b)</c> pass a factor of 1, <c>ToDouble()</c> reads through one. Results, element types and errors are those of the operator that
/// each summary names.
/// </summary>
public static class TensorArithmetic
{
    /// <summary>value + other (add).</summary>
    public static Tensor Plus(this Tensor value, Tensor other) => value.add(other, Held(1));

    /// <summary>value + addend (add).</summary>
    public static Tensor Plus(this Tensor value, Scalar addend) => value.add(addend, Held(1));

    /// <summary>value += other (add_).</summary>
    /// <returns><paramref name="value"/>.</returns>
    public static Tensor PlusInPlace(this Tensor value, Tensor other) => value.add_(other, Held(1));

    /// <summary>value += addend (add_).</summary>
    /// <returns><paramref name="value"/>.</returns>
    public static Tensor PlusInPlace(this Tensor value, Scalar addend) => value.add_(addend, Held(1));

    /// <summary>minuend − value (the sum of −value and the minuend, which rounds alike).</summary>
    public static Tensor SubtractedFrom(this Tensor value, Scalar minuend) => value.neg().Plus(minuend);

    /// <summary>[count] int64: 0, 1, … count − 1 (arange).</summary>
    public static Tensor Counting(long count, Device? device = null) => arange(Held(0), Held(count), Held(1), device: device);

    /// <summary>The one number of a tensor as float64, exact for every floating-point type.</summary>
    /// <param name="value">One element of any type, on any device, with or without a gradient.</param>
    /// <exception cref="ArgumentException">Found more or fewer elements than one.</exception>
    public static double AsDouble(this Tensor value) => value.dtype switch
    {
        ScalarType.Float64 => Read<double>(value),
        ScalarType.Float32 => Read<float>(value),
        _ => Converted<double>(value, ScalarType.Float64),
    };

    /// <summary>The one number of a tensor as int64; a fraction is cut off.</summary>
    /// <inheritdoc cref="AsDouble" path="/param"/>
    /// <inheritdoc cref="AsDouble" path="/exception"/>
    public static long AsInt64(this Tensor value) =>
        value.dtype == ScalarType.Int64 ? Read<long>(value) : Converted<long>(value, ScalarType.Int64);

    private static T Converted<T>(Tensor value, ScalarType type) where T : unmanaged
    {
        using var scope = NewDisposeScope();
        return Read<T>(value.detach().to(type));
    }

    private static T Read<T>(Tensor value) where T : unmanaged
    {
        var found = value.numel();
        return found == 1 ? value.item<T>() : throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture, $"found {found} elements, expected one number"), nameof(value));
    }
}

/// <summary>Finds values that are no numbers.</summary>
public static class NonFinite
{
    /// <summary>How many values are NaN or infinite.</summary>
    /// <param name="values">Of a floating-point dtype.</param>
    public static long Count(Tensor values)
    {
        using var scope = NewDisposeScope();

        // The sum is finite where all values are, but for huge ones; only then each is looked at.
        return double.IsFinite(values.sum().AsDouble()) ? 0 : values.numel() - values.isfinite().to(ScalarType.Int64).sum().AsInt64();
    }
}

/// <summary>The end of a sequence: what only the last positions are wanted of.</summary>
internal static class LastPositions
{
    /// <summary>The last so many entries of a dimension, as a view; the tensor itself where it has no more.</summary>
    public static Tensor Last(this Tensor all, int dimension, long count)
    {
        var length = all.size(dimension);
        return length == count ? all : all.narrow(dimension, length - count, count);
    }
}
