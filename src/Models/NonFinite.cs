using static TorchSharp.torch;

namespace Harness.Models;

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
