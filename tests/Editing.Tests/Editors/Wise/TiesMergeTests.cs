using Harness.Editing.Editors.Wise;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Wise;

public sealed class TiesMergeTests
{
    [Fact]
    public void Keeps_the_largest_elects_a_sign_and_averages_those_that_have_it()
    {
        using var scope = NewDisposeScope();
        var first = tensor(new float[] { 4, -3, 1, 0 }, [2, 2]);
        var second = tensor(new float[] { 2, 5, -1, 0.5f }, [2, 2]);

        // Half of each: {4, −3, 0, 0} and {2, 5, 0, 0}; signs of the sums +, +; the −3 does not agree.
        Assert.Equal([3, 5, 0, 0], Numbers.Of(TiesMerge.Merge([first, second], 0.5)));

        // Everything: the third place sums to 0, which counts as +: only the 1 agrees. A 0 never does.
        Assert.Equal([3, 5, 1, 0.5], Numbers.Of(TiesMerge.Merge([first, second], 1)));
    }

    [Fact]
    public void One_change_is_only_thinned_out()
    {
        using var scope = NewDisposeScope();
        var only = tensor(new float[] { 4, -3, 1, 0 }, [2, 2]);
        Assert.Equal([4, -3, 1, 0], Numbers.Of(TiesMerge.Merge([only], 1)));
        Assert.Equal([4, 0, 0, 0], Numbers.Of(TiesMerge.Merge([only], 0.25)));
        Assert.Equal([4, 0, 0, 0], Numbers.Of(TiesMerge.Merge([only], 0.01)));
    }
}
