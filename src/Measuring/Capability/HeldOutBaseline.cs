// N = a window's predicted tokens, V = vocabulary.
using Harness.Models;
using TorchSharp;

namespace Harness.Measuring.Capability;

/// <summary>
/// What the unedited model says to held-out texts: what an edited one is compared with. Holds the logits of every position in memory,
/// 4·V bytes for each token of the texts.
/// </summary>
public sealed class HeldOutBaseline : IDisposable
{
    private readonly torch.Tensor?[] logits_NV;

    internal HeldOutBaseline(IReadOnlyList<(int Text, Sequence Window)> windows) =>
        (Windows, logits_NV) = (windows, new torch.Tensor?[windows.Count]);

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
    internal void Keep(int window, torch.Tensor logits) => logits_NV[window] = logits.cpu().clone().DetachFromDisposeScope();

    /// <summary>[N, V] float32 on the CPU.</summary>
    internal torch.Tensor Logits(int window) => logits_NV[window] ?? throw new InvalidOperationException($"window {window} was not kept");
}
