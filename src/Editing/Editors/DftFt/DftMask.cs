// K = elements that are ranked together, in flat order.
using static TorchSharp.torch;

namespace Harness.Editing.Editors.DftFt;

/// <summary>
/// The core of what is new (DFT, step 3): elements that the new knowledge pushes against the old, and of those the T with the largest
/// gap. <see cref="CoreMask"/> has others, to compare with.
/// </summary>
public static class DftMask
{
    /// <summary>
    /// Δ_core of several tensors: elements whose signs differ, of which ⌈T·n⌉ with the largest |Δ_new − Δ_old| are kept. Among equals the
    /// earlier tensor and the lower index win.
    /// </summary>
    /// <param name="deltasNew">Δ_new of each tensor, float32.</param>
    /// <param name="deltasOld">Δ_old of each tensor, in the same order and shapes; not looked at by <see cref="CoreMask.Largest"/>.</param>
    /// <param name="options">How to select.</param>
    /// <param name="random">Draws the elements of <see cref="CoreMask.Random"/>.</param>
    /// <returns>Δ_core in the same order: Δ_new where an element is kept, else 0; owned by the caller's dispose scope.</returns>
    public static IReadOnlyList<Tensor> Core(
        IReadOnlyList<Tensor> deltasNew, IReadOnlyList<Tensor> deltasOld, DftOptions options, SeededRandom random)
    {
        if (options.Mask == CoreMask.Largest) deltasOld = [.. deltasNew.Select(delta => delta.neg())];
        if (options.Ranking == Ranking.PerTensor)
        {
            return [.. deltasNew.Zip(deltasOld, (deltaNew, deltaOld) =>
            {
                using var one = NewDisposeScope();
                return Kept(deltaNew.reshape(-1), deltaOld.reshape(-1), options, random).view(deltaNew.shape).MoveToOuterDisposeScope();
            })];
        }

        using var scope = NewDisposeScope();
        var new_K = cat([.. deltasNew.Select(delta => delta.reshape(-1))]);
        var old_K = cat([.. deltasOld.Select(delta => delta.reshape(-1))]);
        var kept_K = Kept(new_K, old_K, options, random);
        var (cores, start) = (new List<Tensor>(), 0L);
        foreach (var delta in deltasNew)
        {
            cores.Add(kept_K.narrow(0, start, delta.numel()).clone().view(delta.shape).MoveToOuterDisposeScope());
            start += delta.numel();
        }

        return cores;
    }

    private static Tensor Kept(Tensor new_K, Tensor old_K, DftOptions options, SeededRandom random)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var survives_K = new_K.sign().ne(old_K.sign());
        if (options.ZeroSign == ZeroSign.Dropped)
            survives_K = survives_K.logical_and(new_K.ne(Held(0))).logical_and(old_K.ne(Held(0)));

        var survivors = survives_K.sum().AsInt64();
        var share = (long)Math.Ceiling(options.TopShare * (options.ShareOf == ShareOf.Survivors ? survivors : new_K.numel()));
        var count = (int)Math.Min(share, survivors);
        if (count == 0)
            return zeros_like(new_K).MoveToOuterDisposeScope();

        if (options.Mask == CoreMask.Random)
            return new_K.mul(Drawn(new_K, count, random)).MoveToOuterDisposeScope();

        // Elements that do not survive rank below all others; whole numbers of equal gaps are filled up from the left.
        var gaps_K = (new_K - old_K).abs().masked_fill(survives_K.logical_not(), Held(-1));
        var least = gaps_K.topk(count).values.min();
        var above_K = gaps_K.gt(least);
        var equal_K = gaps_K.eq(least);
        var places_K = equal_K.to(ScalarType.Int64).cumsum(0);
        var kept_K = above_K.logical_or(equal_K.logical_and(places_K.le(Held(count - above_K.sum().AsInt64()))));
        return new_K.mul(kept_K.to(new_K.dtype)).MoveToOuterDisposeScope();
    }

    // Selection sampling (Knuth, algorithm S): 1 at that many places, each choice of places as likely as any other.
    private static Tensor Drawn(Tensor like_K, int count, SeededRandom random)
    {
        var kept = new float[like_K.numel()];
        for (var i = 0; i < kept.Length && count > 0; i++)
        {
            if (random.NextDouble() * (kept.Length - i) >= count) continue;
            kept[i] = 1;
            count--;
        }

        return tensor(kept, device: like_K.device);
    }
}
