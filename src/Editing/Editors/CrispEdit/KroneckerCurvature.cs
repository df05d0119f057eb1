// N = tokens, I = inputs of a matrix, O = its outputs, P = their product.
using Harness.Editing.Gradients;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.CrispEdit;

/// <summary>
/// The curvature of a loss by some matrices in Kronecker factors (K-FAC, Martens and Grosse 2015; CrispEdit): H ≈ A ⊗ B with the second
/// moments of inputs and of the gradients by outputs, A = E[k kᵀ] and B = E[g gᵀ], over all tokens that were added.
/// </summary>
internal sealed class KroneckerCurvature : IDisposable
{
    // Sequences that are read together; it bounds memory and changes numbers by rounding only.
    private const int Together = 64;
    private readonly GradientReader reader;
    private readonly (Tensor Inputs_II, Tensor Outputs_OO)[] sums;
    private long tokens;

    /// <summary>That of no tokens.</summary>
    public KroneckerCurvature(EditSession session, IReadOnlyList<EditedMatrix> matrices)
    {
        using var scope = NewDisposeScope();
        reader = new GradientReader(session, matrices, ReadTokens.Answer);
        sums = [.. matrices.Select(matrix => session.Model.ShapeOf(matrix.Parameter))
            .Select(shape => (Square(shape[1]), Square(shape[0])))];

        Tensor Square(long size) => zeros(size, size, dtype: ScalarType.Float64, device: session.Model.Device).DetachFromDisposeScope();
    }

    /// <summary>Adds the tokens that predict the targets of sequences, at the model's present weights.</summary>
    public void Add(IReadOnlyList<Sequence> sequences)
    {
        using var guard = no_grad();
        foreach (var chunk in sequences.Chunk(Together))
        {
            using var scope = NewDisposeScope();
            var reading = reader.Read(chunk);

            // The reader's loss is the mean over a sequence's targets, the reference's their sum.
            var lengths_N1 = tensor(
                chunk.SelectMany(sequence => Enumerable.Repeat((double)sequence.TargetLength, sequence.TargetLength)).ToArray(),
                device: sums[0].Inputs_II.device).unsqueeze(1);
            foreach (var ((inputs_II, outputs_OO), read) in sums.Zip(reading.Matrices))
            {
                var (keys_NI, gradients_NO) =
                    (read.Keys_NI.to(ScalarType.Float64), read.Gradients_NO.to(ScalarType.Float64) * lengths_N1);
                inputs_II.PlusInPlace(keys_NI.t().matmul(keys_NI));
                outputs_OO.PlusInPlace(gradients_NO.t().matmul(gradients_NO));
            }

            tokens += lengths_N1.shape[0];
        }
    }

    /// <summary>For each matrix the projection on directions of low curvature; the caller's dispose scope owns their tensors.</summary>
    /// <param name="energy">γ, as in <see cref="CrispEditOptions.Energy"/>.</param>
    public IReadOnlyList<LowCurvature> Projections(double energy)
    {
        using var guard = no_grad();
        return [.. sums.Select(sum => LowCurvature.New(sum.Inputs_II / Held(tokens), sum.Outputs_OO / Held(tokens), energy))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (inputs_II, outputs_OO) in sums)
        {
            inputs_II.Dispose();
            outputs_OO.Dispose();
        }
    }
}

/// <summary>
/// The projection of a matrix's gradient on the directions of H = A ⊗ B with the smallest eigenvalues, in the factors' eigenbases and
/// without H itself: P(G) = U_B ((U_Bᵀ G U_A) ⊙ M) U_Aᵀ with M_oi = 1 where λ_o(B) λ_i(A) is below the threshold (CrispEdit, its
/// matrix-free projector).
/// </summary>
/// <param name="Inputs_II">U_A, float32.</param>
/// <param name="Outputs_OO">U_B, float32.</param>
/// <param name="Free_OI">M, float32.</param>
internal sealed record LowCurvature(Tensor Inputs_II, Tensor Outputs_OO, Tensor Free_OI)
{
    /// <summary>Share of all directions that are free.</summary>
    public double FreeShare => Free_OI.to(ScalarType.Float64).mean().AsDouble();

    /// <summary>
    /// The projection. The threshold is the smallest of the largest eigenvalues that together make up the energy: these, and their equals,
    /// are not free.
    /// </summary>
    /// <param name="inputs_II">A, [I, I], symmetric.</param>
    /// <param name="outputs_OO">B, [O, O], symmetric.</param>
    /// <param name="energy">γ, above 0 and below 1.</param>
    /// <returns>Owned by the caller's dispose scope.</returns>
    public static LowCurvature New(Tensor inputs_II, Tensor outputs_OO, double energy)
    {
        using var scope = NewDisposeScope();

        // Second moments have no negative eigenvalues but by rounding.
        var (inputs_I, inputsBasis_II) = linalg.eigh(inputs_II);
        var (outputs_O, outputsBasis_OO) = linalg.eigh(outputs_OO);
        var curvature_OI = outputs_O.clamp_min(Held(0)).unsqueeze(1) * inputs_I.clamp_min(Held(0)).unsqueeze(0);
        var sorted_P = curvature_OI.flatten().sort(0, descending: true).Values;
        var reached_P = sorted_P.cumsum(0) / sorted_P.sum();
        var last = Math.Min(reached_P.lt(Held(energy)).sum().AsInt64(), sorted_P.shape[0] - 1);
        return new(
            Own(inputsBasis_II), Own(outputsBasis_OO), Own(curvature_OI.lt(sorted_P[last])));

        static Tensor Own(Tensor value) => value.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>P(G).</summary>
    /// <param name="gradient_OI">G, [O, I] float32.</param>
    /// <returns>[O, I] float32, owned by the caller's dispose scope.</returns>
    public Tensor Of(Tensor gradient_OI)
    {
        using var scope = NewDisposeScope();
        var turned_OI = Outputs_OO.t().matmul(gradient_OI).matmul(Inputs_II);
        return Outputs_OO.matmul(turned_OI * Free_OI).matmul(Inputs_II.t()).MoveToOuterDisposeScope();
    }
}
