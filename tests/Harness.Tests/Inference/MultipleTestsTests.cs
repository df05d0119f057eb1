using Harness.Inference;

namespace Harness.Tests.Inference;

public sealed class MultipleTestsTests
{
    [Theory]
    [InlineData(1, 0.04)] // Bonferroni: 4 · 0.01
    [InlineData(2, 0.06)] // 3 · 0.02
    [InlineData(3, 0.6)]
    [InlineData(4, 0.4)] // the largest
    public void At_least_so_many_are_so(int needed, double expected) =>
        Assert.Equal(expected, MultipleTests.AtLeast([0.4, 0.01, 0.3, 0.02], needed), 1e-12);

    [Fact]
    public void At_most_everything_is_probable() => Assert.Equal(1, MultipleTests.AtLeast([0.4, 0.5, 0.9], 1));

    [Fact]
    public void Holm_goes_on_until_one_is_too_probable()
    {
        // Holm (1979): 0.01 ≤ 0.05/4, 0.013 ≤ 0.05/3, but 0.03 > 0.05/2, and nothing behind it counts.
        Assert.Equal([false, true, false, true], MultipleTests.Holm([0.03, 0.01, 0.031, 0.013], 0.05));
        Assert.Equal([true, true], MultipleTests.Holm([0.05, 0.025], 0.05));
        Assert.Equal([false, false], MultipleTests.Holm([0.026, 0.026], 0.05));
        Assert.Empty(MultipleTests.Holm([], 0.05));
    }
}
