// S = changes, O = rows of a weight, I = columns.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Wise;

/// <summary>
/// TIES (Yadav et al. 2023): of each change the largest numbers are kept; at each place the sign of their sum is elected; the result is the
/// mean of those that have it. Places where nothing is kept stay 0.
/// </summary>
internal static class TiesMerge
{
    /// <summary>Merges changes of one weight, each as heavy as the others.</summary>
    /// <param name="deltas_OI">[O, I] float32 each, at least one.</param>
    /// <param name="density">Share that is kept of each, in (0, 1]; at least one number.</param>
    /// <returns>[O, I] float32, owned by the caller's dispose scope.</returns>
    public static Tensor Merge(IReadOnlyList<Tensor> deltas_OI, double density)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var kept_SOI = stack(deltas_OI.Select(delta_OI => Trim(delta_OI, density)));
        var elected_OI = kept_SOI.sum(0L).IsAtLeast(0).to(ScalarType.Float32).Times(2).Minus(1);
        var agreeing_SOI = kept_SOI.sign().eq(elected_OI.unsqueeze(0)).to(ScalarType.Float32);
        return ((kept_SOI * agreeing_SOI).sum(0L) / agreeing_SOI.sum(0L).AtLeast(1)).MoveToOuterDisposeScope();
    }

    private static Tensor Trim(Tensor delta_OI, double density)
    {
        var count = Math.Max(1, (int)(density * delta_OI.numel()));
        var mask = zeros_like(delta_OI.flatten());
        var (_, largest) = delta_OI.abs().flatten().topk(count);
        mask.index_copy_(0, largest, ones_like(largest, dtype: ScalarType.Float32));
        return delta_OI * mask.view(delta_OI.shape);
    }
}
