using Harness.Editing.Editors.Wise;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Wise;

public sealed class RoutingLossTests
{
    [Fact]
    public void Is_the_sum_of_three_margins_each_the_mean_of_what_is_above_zero()
    {
        using var scope = NewDisposeScope();
        var options = new WiseOptions { Layer = 0, Alpha = 1, Beta = 4, Gamma = 2 };

        // Pairs: 2 − 3 + 2 = 1, 2 − 6 + 2 < 0, 0.5 − 3 + 2 < 0, 0.5 − 6 + 2 < 0: mean 1. Outside: 2 − 1 = 1. Inside: 4 − 3 = 1.
        Assert.Equal(3, RoutingLoss.Of(tensor(new float[] { 3, 6 }), tensor(new float[] { 2, 0.5f }), options).AsDouble(), 1e-6);
        Assert.Equal(0, RoutingLoss.Of(tensor(new float[] { 9 }), tensor(new float[] { 0.5f }), options).AsDouble(), 1e-6);

        // All margins at distance 0: 2 + 0 + 4.
        Assert.Equal(6, RoutingLoss.Of(zeros(3), zeros(2), options).AsDouble(), 1e-6);
    }
}
