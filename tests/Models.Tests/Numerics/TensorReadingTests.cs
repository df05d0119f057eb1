using Harness.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class TensorReadingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    public void One_number_of_any_type_is_read(ScalarType type)
    {
        var value = tensor([3.0]).to(type);

        Assert.Equal(3, value.AsDouble());
        Assert.Equal(3, value.AsInt64());
    }

    [Fact]
    public void Numbers_that_need_a_gradient_are_read()
    {
        Assert.Equal(0.5, tensor(0.5).requires_grad_(true).mul(ones(1)).AsDouble());
        Assert.Equal((double)0.1f, tensor(0.1f).requires_grad_(true).AsDouble());
    }

    [Fact]
    public void Several_numbers_are_refused() =>
        Assert.Equal(
            "found 2 elements, expected one number (Parameter 'value')", Assert.Throws<ArgumentException>(() => ones(2).AsDouble()).Message);
}
