using Harness.Editing;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class WeightDeltaTests
{
    [Fact]
    public void Keeps_a_float32_copy_of_what_it_is_given()
    {
        using var scope = NewDisposeScope();
        var given = tensor(new[] { 1.5, 2, 3 });
        using var delta = WeightDelta.Dense("norm", given);
        given.fill_(Held(9));
        Assert.Equal(("norm", false, ScalarType.Float32), (delta.Parameter, delta.IsLowRank, delta.Whole_OI!.dtype));
        Assert.Equal([3], delta.Shape);
        Assert.Equal([1.5, 2, 3], Numbers.Of(delta.ToDense()));
        delta.ToDense().fill_(Held(9));
        Assert.Equal([1.5, 2, 3], Numbers.Of(delta.ToDense()));
    }

    [Fact]
    public void A_product_is_left_times_right_in_the_parameters_shape()
    {
        using var scope = NewDisposeScope();
        using var delta = WeightDelta.LowRank("w", Matrix(2, 1, 10, 20), Matrix(1, 3, 1, 2, 3));
        Assert.True(delta.IsLowRank);
        Assert.Equal([2, 3], delta.Shape);
        Assert.Equal([10, 20, 30, 20, 40, 60], Numbers.Of(delta.ToDense()));
    }

    // A product of rank R has R · (O + I) numbers, the matrix O · I.
    [Theory]
    [InlineData(4, 1, 4, true)]
    [InlineData(4, 2, 4, true)]
    [InlineData(4, 3, 4, false)]
    [InlineData(2, 1, 2, true)]
    [InlineData(1, 1, 5, false)]
    public void Factors_stay_factors_where_they_have_no_more_numbers(int rows, int rank, int columns, bool isLowRank)
    {
        using var scope = NewDisposeScope();
        var (left_OR, right_RI) = (rand(rows, rank), rand(rank, columns));
        using var delta = WeightDelta.FromFactors("w", left_OR, right_RI);
        Assert.Equal(isLowRank, delta.IsLowRank);
        Assert.Equal(Numbers.Of(left_OR.matmul(right_RI)), Numbers.Of(delta.ToDense()));
    }

    [Fact]
    public void Factors_without_a_product_are_refused()
    {
        using var scope = NewDisposeScope();
        const string Message = "w: factors [2, 3] and [2, 3] have no product.";
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => WeightDelta.LowRank("w", ones(2, 3), ones(2, 3))).Message);
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => WeightDelta.FromFactors("w", ones(2, 3), ones(2, 3))).Message);
        Assert.Equal("w: factors [2] and [2, 1] have no product.",
            Assert.Throws<ArgumentException>(() => WeightDelta.LowRank("w", ones(2), ones(2, 1))).Message);
    }

    // Between 1 and 1 + 2⁻⁷ bfloat16 has nothing: a little more than half of it is rounded up, which would be lost if the change were
    // rounded first.
    [Fact]
    public void Is_added_in_float32_and_rounded_then()
    {
        using var scope = NewDisposeScope();
        var change = Math.Pow(2, -8) + Math.Pow(2, -17);
        using var delta = WeightDelta.LowRank("w", Matrix(1, 1, (float)change), Matrix(1, 1, 1));
        var weight_OI = ones([1, 1], dtype: ScalarType.BFloat16);
        delta.AddTo(weight_OI);
        Assert.Equal(ScalarType.BFloat16, weight_OI.dtype);
        Assert.Equal([1 + Math.Pow(2, -7)], Numbers.Of(weight_OI));

        var whole_OI = ones(1, 1);
        delta.AddTo(whole_OI);
        Assert.Equal([1 + change], Numbers.Of(whole_OI));
    }

    [Fact]
    public void Leaves_no_tensor_behind_but_its_own()
    {
        for (var round = 0; round < 2; round++)
        {
            TensorLeaks.Check("a weight delta", () =>
            {
                using var scope = NewDisposeScope();
                using var delta = WeightDelta.FromFactors("w", ones(2, 1), ones(1, 2));
                using var dense = WeightDelta.FromFactors("w", ones(1, 1), ones(1, 1));
                delta.AddTo(ones([2, 2], dtype: ScalarType.Float16));
                dense.AddTo(ones(1, 1));
            });
        }
    }

    private static Tensor Matrix(int rows, int columns, params float[] values) => tensor(values, [rows, columns]);
}
