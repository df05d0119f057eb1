// I = MLP width, N = requests of a batch, S = small directions.
using Harness.Editing.Editors.Memit;
using Harness.Editing.Locating;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.AlphaEdit;

/// <summary>
/// AlphaEdit: the change is projected on the directions P that the model's keys hardly use, so that it leaves what they give as it was;
/// ΔWᵀ = (P (K Kᵀ + C_prev) + L2·I)⁻¹ P K Rᵀ. Values, keys and layers are MEMIT's.
/// </summary>
internal sealed class AlphaEditEditor(AlphaEditOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Locating<AlphaEditOptions>(
        "alphaedit", options => new AlphaEditEditor(options), options => options.Layers, open: OpenOption.Layers("layers", 4, 8));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        Layers.Check(session, "alphaedit", options.Layers);
        var projectors = options.Layers.ToDictionary(layer => layer, layer => Projector(session, layer));
        var past = new KeyMemory(options.Layers, session.Model.Config.MlpWidth);
        var edit = Batches.Run(session, requests, new SpreadingUpdate(session, "alphaedit", options, Step) { Memory = past });

        // The trace of a projector is the number of its directions.
        var free = projectors.Values.Average(projector_II => projector_II.diagonal().sum().AsDouble() / projector_II.shape[0]);
        return new Edit(edit.Deltas, new Dictionary<string, double>(edit.Figures) { ["null-share"] = free });

        Tensor Step(int layer, Tensor keys_NI) => Solve(projectors[layer], keys_NI, past.Of(layer), options.L2);
    }

    /// <summary>P: the projector on the directions of a covariance whose singular values are below a threshold.</summary>
    /// <param name="covariance_II">C, the mean over tokens, [I, I] float64.</param>
    /// <param name="threshold">In the covariance's units.</param>
    /// <returns>[I, I] float64, owned by the caller's dispose scope; zero where there is no such direction.</returns>
    internal static Tensor Projector(Tensor covariance_II, double threshold)
    {
        using var scope = NewDisposeScope();

        // C is symmetric: its singular values are its eigenvalues, which rise here, and rounding may leave a zero below zero.
        var (values_I, vectors_II) = linalg.eigh(covariance_II);
        var small = values_I.lt(Held(threshold)).sum().AsInt64();
        var vectors_IS = vectors_II.narrow(1, 0, small);
        return vectors_IS.matmul(vectors_IS.t()).MoveToOuterDisposeScope();
    }

    /// <summary>X = (P (K Kᵀ + C_prev) + L2·I)⁻¹ P K.</summary>
    /// <param name="projector_II">P, [I, I] float64.</param>
    /// <param name="keys_NI">Kᵀ, [N, I] float64.</param>
    /// <param name="past_II">C_prev, [I, I] float64.</param>
    /// <param name="l2">L2.</param>
    /// <returns>[I, N] float64, owned by the caller's dispose scope.</returns>
    internal static Tensor Solve(Tensor projector_II, Tensor keys_NI, Tensor past_II, double l2)
    {
        using var scope = NewDisposeScope();
        var keys_IN = keys_NI.t();
        var matrix_II = projector_II.matmul(keys_IN.matmul(keys_NI).Plus(past_II))
            .Plus(eye(projector_II.shape[0], dtype: ScalarType.Float64) * Held(l2));
        return KeyCovariance.Solve(matrix_II, projector_II.matmul(keys_IN), "raise l2", "alphaedit: P (K Kᵀ + C_prev) + L2·I is singular")
            .MoveToOuterDisposeScope();
    }

    private Tensor Projector(EditSession session, int layer)
    {
        var covariance_II = KeyCovariance.Of(session, "alphaedit", layer);
        var projector_II = Projector(covariance_II, options.NullThreshold);
        return projector_II.abs().max().AsDouble() > 0
            ? projector_II
            : throw new InputException(FormattableString.Invariant(
                $"alphaedit: no direction of layer {layer}'s key covariance is below null-threshold {options.NullThreshold}, ")
                + "expected some; "
                + FormattableString.Invariant(
                    $"the smallest is {linalg.eigvalsh(covariance_II).min().AsDouble():0.###e+0}: set a higher one."));
    }
}
