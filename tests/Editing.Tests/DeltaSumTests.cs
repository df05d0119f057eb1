// O = rows of a weight, I = columns, R = rank of a change.
using Harness.Editing;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class DeltaSumTests
{
    [Fact]
    public void Changes_of_a_parameter_are_added_with_their_factors_in_the_order_asked_for()
    {
        using var scope = NewDisposeScope();
        using var sum = new DeltaSum();
        sum.Add(Dense("b", 1, 2), 0.5);
        sum.Add(Dense("a", 7, 7));
        sum.Add(Dense("b", 10, 20), -1);
        var total = sum.Total(["c", "b", "a"]);
        Assert.Equal(["b", "a"], total.Select(delta => delta.Parameter));
        Assert.Equal([-9.5, -19], Numbers.Of(total[0].ToDense()));
        Assert.Equal([7, 7], Numbers.Of(total[1].ToDense()));
        Free(total);
    }

    // Of four rows and four columns, two products of rank 1 are as small as the matrix, three are not.
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void Products_stay_one_where_that_is_smaller(int count, bool isLowRank)
    {
        using var scope = NewDisposeScope();
        using var sum = new DeltaSum();
        var expected_OI = zeros(4, 4);
        for (var i = 1; i <= count; i++)
        {
            var (left_OR, right_RI) = (arange(i, i + 4).to(ScalarType.Float32).view(4, 1), ones(1, 4));
            expected_OI.PlusInPlace(left_OR.matmul(right_RI).mul(Held(2 * i)));
            sum.Add(WeightDelta.LowRank("w", left_OR, right_RI), 2 * i);
        }

        var total = sum.Total(["w"]);
        Assert.Equal(isLowRank, Assert.Single(total).IsLowRank);
        Assert.Equal(Numbers.Of(expected_OI), Numbers.Of(total[0].ToDense()));
        Free(total);
    }

    [Fact]
    public void A_product_and_a_matrix_make_a_matrix()
    {
        using var scope = NewDisposeScope();
        using var sum = new DeltaSum();
        sum.Add(WeightDelta.LowRank("w", ones(2, 1), ones(1, 2)), 3);
        sum.Add(WeightDelta.Dense("w", ones(2, 2)), 0.25);
        var total = sum.Total(["w"]);
        Assert.False(Assert.Single(total).IsLowRank);
        Assert.Equal([3.25, 3.25, 3.25, 3.25], Numbers.Of(total[0].ToDense()));
        Free(total);
    }

    [Fact]
    public void What_is_added_to_a_live_weight_is_in_the_sum()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tiny = new TinySession();
        using var sum = new DeltaSum();
        var name = Sites.DownProjection(1);
        var before_OI = tiny.Model.Parameter(name).clone();
        var (left_OR, right_RI) = (ones(TinySession.Width, 1), ones(1, 2 * TinySession.Width));
        sum.AddTo(tiny.Model, 1, left_OR, right_RI);
        sum.AddTo(tiny.Model, 1, left_OR, right_RI);
        Assert.Equal(Numbers.Of(before_OI.Plus(ones(1)).Plus(ones(1))), Numbers.Of(tiny.Model.Parameter(name)));
        var total = sum.Total([name]);
        Assert.All(Numbers.Of(total[0].ToDense()), change => Assert.Equal(2, change));
        Free(total);
    }

    [Fact]
    public void It_owns_its_changes_and_not_its_total()
    {
        for (var round = 0; round < 2; round++)
        {
            TensorLeaks.Check("a sum of changes", () =>
            {
                using var scope = NewDisposeScope();
                IReadOnlyList<WeightDelta> total;
                using (var sum = new DeltaSum())
                {
                    sum.Add(Dense("a", 1), 2);
                    sum.Add(WeightDelta.LowRank("b", ones(4, 1), ones(1, 4)));
                    total = sum.Total(["a", "b"]);
                }

                Assert.Equal([2], Numbers.Of(total[0].ToDense()));
                Free(total);
            });
        }
    }

    private static WeightDelta Dense(string parameter, params float[] values) => WeightDelta.Dense(parameter, tensor(values));

    private static void Free(IReadOnlyList<WeightDelta> total)
    {
        foreach (var delta in total) delta.Dispose();
    }
}
