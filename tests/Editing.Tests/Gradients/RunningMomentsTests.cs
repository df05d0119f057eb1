// N = rows, W = width.
using Harness.Editing.Gradients;
using static TorchSharp.torch;

namespace Harness.Tests.Gradients;

public sealed class RunningMomentsTests
{
    [Fact]
    public void Equal_those_of_two_passes_over_all_rows()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(4);
        var rows_NW = (randn([17, 6], generator: random) * Held(3)).Plus(Held(100));
        using var moments = new RunningMoments(6, CPU);
        foreach (var (start, count) in new[] { (0, 1), (1, 0), (1, 9), (10, 7) })
            moments.Add(rows_NW.narrow(0, start, count));

        var exact_NW = rows_NW.to(ScalarType.Float64);
        var mean_W = exact_NW.mean([0]);
        var squares_W = (exact_NW - mean_W).pow(Held(2)).sum(0L);
        Assert.Equal(17, moments.Count);
        Assert.InRange(Numbers.Distance(moments.Mean_W, mean_W), 0, 1e-14);
        Assert.InRange(Numbers.Distance(moments.Squares_W, squares_W), 0, 1e-12);
        Assert.InRange(Numbers.Distance(moments.Normalise(rows_NW), (exact_NW - mean_W) / (squares_W / Held(16)).sqrt()), 0, 1e-6);
    }

    [Fact]
    public void Give_zero_for_what_never_varies()
    {
        using var scope = NewDisposeScope();
        using var moments = new RunningMoments(2, CPU);
        moments.Add(full([3, 2], Held(5f)));
        Assert.Equal([0, 0], Numbers.Of(moments.Normalise(full([1, 2], Held(5f)))));
    }
}
