using static TorchSharp.torch;

namespace Harness.Tests.Numerics;

public sealed class TensorArithmeticTests
{
    [Theory]
    [InlineData(0, 1f, -2f)]
    [InlineData(0, float.MaxValue, float.MaxValue)]
    [InlineData(1, 1f, float.NaN)]
    [InlineData(2, float.PositiveInfinity, float.NegativeInfinity)]
    public void Counts_what_is_no_number(long expected, float first, float second)
    {
        using var values = tensor([first, second, 0f]);
        Assert.Equal(expected, NonFinite.Count(values));
    }
}
