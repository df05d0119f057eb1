// R = rank, I = inputs, O = outputs of the adapted projection.
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>
/// A low-rank addition to one projection, y += dropout(x) Aᵀ Bᵀ · Scale (LoRA, Hu et al. 2021, §4.1), or with a diagonal Λ in between,
/// y += dropout(x) Aᵀ Λ Bᵀ · Scale (AdaLoRA, Zhang et al. 2023, eq. 3). The caller owns the tensors.
/// </summary>
/// <param name="A_RI">[R, I] float32.</param>
/// <param name="B_OR">[O, R] float32.</param>
/// <param name="Scale">Factor; α/R in the paper.</param>
/// <param name="Dropout">Probability that an input is dropped, in [0, 1). Default 0. Not 0 only while the adapter is trained.</param>
public sealed record LowRankAdapter(Tensor A_RI, Tensor B_OR, double Scale, double Dropout = 0)
{
    /// <summary>
    /// Source of the dropout masks; required where <see cref="Dropout"/> is not 0, because nothing draws from a global generator.
    /// </summary>
    public Generator? Random { get; init; }

    /// <summary>The diagonal of Λ, [R] float32; null is the identity.</summary>
    public Tensor? Diagonal_R { get; init; }

    /// <summary>What is added to the projection's output, [..., O].</summary>
    internal Tensor Apply(Tensor input)
    {
        using var scope = NewDisposeScope();
        var kept = Dropout > 0 ? input * Mask(input) : input;
        var inner = nn.functional.linear(kept, A_RI);
        return nn.functional.linear(Diagonal_R is null ? inner : inner * Diagonal_R, B_OR).mul(Held(Scale)).MoveToOuterDisposeScope();
    }

    internal void Validate(string parameter, long outputs, long inputs)
    {
        if (A_RI.dim() != 2 || B_OR.dim() != 2 || A_RI.shape[1] != inputs || B_OR.shape[0] != outputs || A_RI.shape[0] != B_OR.shape[1])
        {
            throw new ArgumentException(
                $"adapter of {parameter}: A is [{string.Join(", ", A_RI.shape)}] and B is [{string.Join(", ", B_OR.shape)}]; " +
                $"expected [R, {inputs}] and [{outputs}, R]");
        }

        if (Diagonal_R is not null && !Diagonal_R.shape.SequenceEqual([A_RI.shape[0]]))
        {
            throw new ArgumentException(
                $"adapter of {parameter}: the diagonal is [{string.Join(", ", Diagonal_R.shape)}]; expected [{A_RI.shape[0]}]");
        }

        if (Dropout is < 0 or >= 1 || (Dropout > 0 && Random is null))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"adapter of {parameter}: dropout is {Dropout}; expected [0, 1), with a generator unless 0"));
        }
    }

    private Tensor Mask(Tensor input) =>
        rand(input.shape, dtype: input.dtype, device: input.device, generator: Random).ge(Held(Dropout)).to(input.dtype).div(
            Held(1 - Dropout));
}
