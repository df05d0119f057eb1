// N = positions, V = vocabulary, R = rows of one piece.
using static TorchSharp.torch;

namespace Harness.Measuring.Capability;

/// <summary>How far one model's next-token distributions are from another's.</summary>
internal static class NextTokenDivergence
{
    // Numbers of one piece, which is held some times over in float64.
    private const long PieceNumbers = 1 << 22;

    /// <summary>Σ over positions of KL(before‖after) = Σᵥ p (log p − log q), in nats, in float64; 0 for equal logits.</summary>
    /// <param name="before_NV">[N, V] float32 logits, on any device.</param>
    /// <param name="after_NV">[N, V] float32 logits; the computation takes place where they are.</param>
    public static double Sum(Tensor before_NV, Tensor after_NV)
    {
        using var gradientless = no_grad();
        var (rows, sum) = (Math.Max(1, PieceNumbers / after_NV.shape[1]), 0.0);
        for (var start = 0L; start < after_NV.shape[0]; start += rows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(rows, after_NV.shape[0] - start);
            var p_RV = before_NV.narrow(0, start, count).to(after_NV.device).to(ScalarType.Float64).log_softmax(-1);
            var q_RV = after_NV.narrow(0, start, count).to(ScalarType.Float64).log_softmax(-1);

            // Not below 0 but for rounding.
            sum += p_RV.exp().mul(p_RV - q_RV).sum(-1).clamp_min(Held(0)).cpu().data<double>().ToArray().Sum();
        }

        return sum;
    }
}
