using System.Globalization;
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>Reads the one number of a tensor from memory; TorchSharp's <c>ToDouble()</c> goes through a scalar (<see cref="ScalarArithmetic"/>).</summary>
public static class TensorReading
{
    /// <summary>The number as float64, exact for every floating-point type.</summary>
    /// <param name="value">One element of any type, on any device, with or without a gradient.</param>
    /// <exception cref="ArgumentException">Found more or fewer elements than one.</exception>
    public static double AsDouble(this Tensor value) => value.dtype switch
    {
        ScalarType.Float64 => Read<double>(value),
        ScalarType.Float32 => Read<float>(value),
        _ => Converted<double>(value, ScalarType.Float64),
    };

    /// <summary>The number as int64; a fraction is cut off.</summary>
    /// <inheritdoc cref="AsDouble" path="/param"/>
    /// <inheritdoc cref="AsDouble" path="/exception"/>
    public static long AsInt64(this Tensor value) => value.dtype == ScalarType.Int64 ? Read<long>(value) : Converted<long>(value, ScalarType.Int64);

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
