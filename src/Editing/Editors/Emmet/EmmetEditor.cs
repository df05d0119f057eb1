// I = MLP width, N = requests of a batch.
using Harness.Editing.Editors.Memit;
using Harness.Editing.Locating;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Emmet;

/// <summary>
/// EMMET: ROME's equality constraint for a whole batch, ΔW = R (Kᵀ A⁻¹ K + αI)⁻¹ Kᵀ A⁻¹ with A = wC. Its values and keys are MEMIT's: at
/// one layer it is MEMIT with λ = α·w, and the two differ by how that number is chosen.
/// </summary>
internal sealed class EmmetEditor(EmmetOptions options) : IEditor
{
    /// <summary>How the harness knows it. EMMET edits one layer of 7B models, ROME's.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Locating<EmmetOptions>(
        "emmet", options => new EmmetEditor(options), options => options.Layers, open: OpenOption.Layers("layers", 5, 5));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return Batches.Run(session, requests, new SpreadingUpdate(session, "emmet", options, (layer, keys_NI) =>
            Solve(KeyCovariance.Of(session, "emmet", layer), keys_NI, options.CovarianceWeight, AlphaOf(keys_NI.shape[0]))));
    }

    /// <summary>X = A⁻¹ K (Kᵀ A⁻¹ K + αI)⁻¹, which is (K Kᵀ + αA)⁻¹ K: MEMIT's with λ = α·w.</summary>
    /// <param name="covariance_II">C, [I, I] float64.</param>
    /// <param name="keys_NI">Kᵀ, [N, I] float64.</param>
    /// <param name="weight">w.</param>
    /// <param name="alpha">α.</param>
    /// <returns>[I, N] float64, owned by the caller's dispose scope.</returns>
    /// <exception cref="InputException">C, or with α = 0 the keys' matrix, is singular.</exception>
    internal static Tensor Solve(Tensor covariance_II, Tensor keys_NI, double weight, double alpha)
    {
        using var scope = NewDisposeScope();
        var whitened_IN = KeyCovariance.Solve(covariance_II * Held(weight), keys_NI.t(), "count more tokens");
        var inner_NN = keys_NI.matmul(whitened_IN).Plus(eye(keys_NI.shape[0], dtype: ScalarType.Float64) * Held(alpha));
        return KeyCovariance.Solve(
            inner_NN, whitened_IN.t(), "raise alpha", "emmet: found edits whose keys depend on each other, expected none where alpha is 0")
            .t().MoveToOuterDisposeScope();
    }

    private double AlphaOf(long requests) => requests > 1 || options.AlphaOnSingle ? options.Alpha : 0;
}
