// N = a window's predicted tokens, V = vocabulary, R = rows of one piece.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Measuring.Capability;

/// <summary>
/// What the unedited model says to held-out texts: what an edited one is compared with. Holds the logits of every position in memory,
/// 4·V bytes for each token of the texts.
/// </summary>
public sealed class HeldOutBaseline : IDisposable
{
    // Numbers of one piece, which is held some times over in float64.
    private const long PieceNumbers = 1 << 22;

    private readonly Tensor?[] logits_NV;

    internal HeldOutBaseline(IReadOnlyList<(int Text, Sequence Window)> windows) =>
        (Windows, logits_NV) = (windows, new Tensor?[windows.Count]);

    /// <summary>The texts' windows, in the order of the texts.</summary>
    internal IReadOnlyList<(int Text, Sequence Window)> Windows { get; }

    /// <summary>Mean negative log-likelihood of each window, in nats.</summary>
    internal IReadOnlyList<ForcedAnswer> Answers { get; init; } = [];

    /// <summary>Frees the logits.</summary>
    public void Dispose()
    {
        foreach (var logits in logits_NV) logits?.Dispose();
    }

    /// <summary>Keeps a copy of a window's logits, on the CPU.</summary>
    internal void Keep(int window, Tensor logits) => logits_NV[window] = logits.cpu().clone().DetachFromDisposeScope();

    /// <summary>Σ over positions of KL(before‖after) = Σᵥ p (log p − log q), in nats, in float64; 0 for equal logits.</summary>
    /// <param name="window">Number of the window.</param>
    /// <param name="after_NV">[N, V] float32 logits of the edited model; the computation takes place where they are.</param>
    internal double Divergence(int window, Tensor after_NV)
    {
        var before_NV = logits_NV[window] ?? throw new InvalidOperationException($"window {window} was not kept");
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
