// N = tokens, I = inputs of a matrix, O = its outputs.
using static TorchSharp.torch;

namespace Harness.Editing.Gradients;

/// <summary>
/// The change of a matrix that moves its outputs at some inputs by wanted values, by least squares with a ridge (MALMEN, Tan et al. 2024).
/// </summary>
internal static class RidgeSolution
{
    /// <summary>ΔW of (KᵀK + λ) ΔWᵀ = KᵀV, in float64, with gradients; solved in the smaller of the two equal forms.</summary>
    /// <param name="keys_NI">K.</param>
    /// <param name="values_NO">V.</param>
    /// <param name="ridge">λ, above 0, a scalar.</param>
    /// <returns>[O, I] float64, owned by the caller's dispose scope.</returns>
    public static Tensor Of(Tensor keys_NI, Tensor values_NO, Tensor ridge)
    {
        using var scope = NewDisposeScope();
        var (keys64_NI, values64_NO, ridge64) =
            (keys_NI.to(ScalarType.Float64), values_NO.to(ScalarType.Float64), ridge.to(ScalarType.Float64));
        var (tokens, inputs) = (keys_NI.shape[0], keys_NI.shape[1]);
        var change_IO = tokens < inputs
            ? keys64_NI.t().matmul(linalg.solve(keys64_NI.matmul(keys64_NI.t()).Plus(Ridge(tokens)), values64_NO))
            : linalg.solve(keys64_NI.t().matmul(keys64_NI).Plus(Ridge(inputs)), keys64_NI.t().matmul(values64_NO));
        return change_IO.t().MoveToOuterDisposeScope();

        Tensor Ridge(long size) => eye(size, dtype: ScalarType.Float64, device: keys_NI.device) * ridge64;
    }
}
