using Harness.Models;

namespace Harness.Tests;

public sealed class TransformerConfigTests
{
    private static readonly ExpertMixture Experts = new(Count: 4, Active: 2, Width: 8, SharedWidth: 8, Normalise: false, SparseStep: 2);

    public static TheoryData<TransformerConfig, string> Misfits => new()
    {
        { TinyModels.Grouped with { Layers = 0 }, "layers is 0; expected 1 to 10000" },
        { TinyModels.Grouped with { KeyValueHeads = 3 }, "key-value-heads is 3; expected a divisor of the 4 heads" },
        { TinyModels.Grouped with { Width = 20 }, "width is 20; expected a multiple of 8: 4 heads of even width" },
        { TinyModels.Grouped with { RotaryWidth = 6 }, "rotary-width is 6; expected even, 2 to 4" },
        { TinyModels.Grouped with { SlidingWindow = 0 }, "sliding-window is 0; expected at least 1" },
        { TinyModels.Grouped with { RotaryScaling = new(0.5) }, "rotary-scaling is 0.5; expected a factor of at least 1" },
        { TinyModels.Grouped with { Experts = Experts with { Active = 5 } }, "experts-active is 5; expected 1 to the 4 experts" },
        { TinyModels.Grouped with { NormEpsilon = 0 }, "norm-epsilon is 0; expected more than 0" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void Numbers_that_do_not_fit_are_named(TransformerConfig config, string message) =>
        Assert.Equal($"here: {message}", Assert.Throws<InputException>(() => config.Validate("here")).Message);

    [Fact]
    public void Some_layers_have_experts()
    {
        var config = TinyModels.Grouped with { Layers = 4, Experts = Experts with { DenseLayers = [3] } };
        config.Validate("here");
        Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(config.HasExperts));
        Assert.Equal((4, 6), (config.HeadWidth, (config with { HeadSize = 6 }).HeadWidth));
    }

    [Fact]
    public void A_sequence_is_no_longer_than_the_positions()
    {
        TinyModels.Grouped.CheckLength(32);
        Assert.Equal("a sequence has 33 tokens; the model has 32 positions; shorten the text",
            Assert.Throws<InputException>(() => TinyModels.Grouped.CheckLength(33)).Message);
    }
}
