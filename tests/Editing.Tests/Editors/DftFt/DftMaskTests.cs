using Harness.Editing.Editors.DftFt;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.DftFt;

public sealed class DftMaskTests
{
    // Gaps |new − old|: 5, 3, 1, 7, 2, 4, 0, 9. Signs differ everywhere but at 2 and 6; 4 and 5 hold a zero.
    private static readonly float[] New = [2f, -1f, 2f, 3f, 0f, 4f, 5f, -4f];
    private static readonly float[] Old = [-3f, 2f, 1f, -4f, 2f, 0f, 5f, 5f];

    [Fact]
    public void Keeps_the_opposed_elements_with_the_largest_gaps()
    {
        // ⌈0.3 · 8⌉ = 3 of the elements: gaps 9, 7, 5.
        Assert.Equal([2, 0, 0, 3, 0, 0, 0, -4], Core(0.3, ShareOf.Elements, ZeroSign.Kept));
        Assert.Equal([2, -1, 0, 3, 0, 4, 0, -4], Core(1, ShareOf.Elements, ZeroSign.Kept));
    }

    [Fact]
    public void Takes_the_share_of_the_survivors()
    {
        // Six survive: ⌈0.3 · 6⌉ = 2. Without zeros four survive: ⌈0.7 · 4⌉ = 3.
        Assert.Equal([0, 0, 0, 3, 0, 0, 0, -4], Core(0.3, ShareOf.Survivors, ZeroSign.Kept));
        Assert.Equal([2, 0, 0, 3, 0, 0, 0, -4], Core(0.7, ShareOf.Survivors, ZeroSign.Dropped));
    }

    [Fact]
    public void Drops_zeros_where_they_have_no_sign() =>
        Assert.Equal([2, -1, 0, 3, 0, 0, 0, -4], Core(1, ShareOf.Elements, ZeroSign.Dropped));

    [Fact]
    public void Gives_ties_to_the_lower_index()
    {
        var options = Options(0.6, Ranking.PerTensor, ShareOf.Elements, ZeroSign.Kept);
        var core = Core(tensor(new[] { 1f, 2f, 1f, 1f, 1f }), tensor(new[] { -1f, -2f, -1f, -1f, -1f }), options);
        Assert.Equal([1, 2, 1, 0, 0], core);
    }

    [Fact]
    public void Ranks_over_one_tensor_or_over_all()
    {
        using var scope = NewDisposeScope();
        Tensor[] deltasNew = [tensor(new[] { 1f, 2f, 3f, 4f }, [2, 2]), tensor(new[] { 10f, 20f, 30f, 40f })];
        Tensor[] deltasOld = [.. deltasNew.Select(delta => delta.neg())];
        var random = new SeededRandom(1, "mask");
        var perTensor = DftMask.Core(deltasNew, deltasOld, Options(0.5, Ranking.PerTensor, ShareOf.Elements, ZeroSign.Kept), random);
        var wholeModel = DftMask.Core(deltasNew, deltasOld, Options(0.625, Ranking.WholeModel, ShareOf.Elements, ZeroSign.Kept), random);
        Assert.Equal([0, 0, 3, 4], Numbers.Of(perTensor[0]));
        Assert.Equal([0, 0, 30, 40], Numbers.Of(perTensor[1]));
        Assert.Equal([0, 0, 0, 4], Numbers.Of(wholeModel[0]));
        Assert.Equal([10, 20, 30, 40], Numbers.Of(wholeModel[1]));
        Assert.Equal([2, 2], wholeModel[0].shape);
    }

    [Fact]
    public void Is_zero_where_nothing_is_opposed() =>
        Assert.Equal([0, 0], Core(ones(2), ones(2), Options(1, Ranking.PerTensor, ShareOf.Elements, ZeroSign.Kept)));

    [Fact]
    public void Without_the_old_the_largest_changes_are_kept()
    {
        var options = Options(0.5, Ranking.PerTensor, ShareOf.Elements, ZeroSign.Kept) with { Mask = CoreMask.Largest };
        Assert.Equal([0, 0, 0, 3, 0, 4, 5, -4], Core(tensor(New), null, options));
    }

    [Fact]
    public void At_random_as_many_are_kept_each_as_often_as_any_other()
    {
        var options = Options(0.3, Ranking.PerTensor, ShareOf.Elements, ZeroSign.Kept) with { Mask = CoreMask.Random };
        var times = new int[8];
        for (var seed = 0; seed < 2000; seed++)
        {
            var core = Core(ones(8), tensor(Old), options, seed);
            foreach (var (i, value) in core.Index()) times[i] += value == 0 ? 0 : 1;

            // Of New against Old six survive and ⌈0.3 · 8⌉ = 3 are kept; of ones against Old the negative three, and zero.
            Assert.Equal(3, core.Count(value => value != 0));
        }

        // 2 000 draws of 3 in 8: 750 each, with a standard deviation of 22.
        Assert.All(times, count => Assert.InRange(count, 650, 850));
        Assert.Equal(Core(ones(8), tensor(Old), options, 5), Core(ones(8), tensor(Old), options, 5));
    }

    private static double[] Core(double share, ShareOf of, ZeroSign zero) =>
        Core(tensor(New), tensor(Old), Options(share, Ranking.PerTensor, of, zero));

    private static double[] Core(Tensor deltaNew, Tensor? deltaOld, DftFtOptions options, int seed = 1)
    {
        using var scope = NewDisposeScope();
        return Numbers.Of(DftMask.Core([deltaNew], deltaOld is null ? [] : [deltaOld], options, new SeededRandom(seed, "mask"))[0]);
    }

    private static DftFtOptions Options(double share, Ranking ranking, ShareOf of, ZeroSign zero) =>
        new() { TopShare = share, Ranking = ranking, ShareOf = of, ZeroSign = zero };
}
