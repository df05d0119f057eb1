// I = MLP width, N = requests of a batch.
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>MEMIT's closed form, X = (λC + K Kᵀ)⁻¹ K (Meng et al. 2023, eq. 14).</summary>
internal static class LeastSquares
{
    /// <summary>X of one layer in a session.</summary>
    public static Tensor Solve(EditSession session, string editor, int layer, double weight, Tensor keys_NI, Tensor? past_II = null) =>
        Solve(KeyCovariance.Of(session, editor, layer), weight, keys_NI, past_II);

    /// <summary>X.</summary>
    /// <param name="covariance_II">C, [I, I] float64.</param>
    /// <param name="weight">λ.</param>
    /// <param name="keys_NI">Kᵀ, [N, I] float64.</param>
    /// <param name="past_II">K Kᵀ of earlier edits, [I, I] float64, which weigh as much as the batch's; null for none.</param>
    /// <returns>[I, N] float64, owned by the caller's dispose scope.</returns>
    /// <exception cref="InputException">The matrix is singular.</exception>
    public static Tensor Solve(Tensor covariance_II, double weight, Tensor keys_NI, Tensor? past_II = null)
    {
        using var scope = NewDisposeScope();
        var keys_IN = keys_NI.t();
        var matrix_II = (covariance_II * Held(weight)).Plus(keys_IN.matmul(keys_NI));
        if (past_II is not null)
            matrix_II = matrix_II.Plus(past_II);
        return KeyCovariance.Solve(matrix_II, keys_IN, "count more tokens").MoveToOuterDisposeScope();
    }
}
