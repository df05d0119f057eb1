using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class OperatorTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Arithmetic_takes_tensors_and_numbers_on_either_side()
    {
        var x = Row(1, 2, 4);

        Equal([2, 4, 8], x + x);
        Equal([0, 1, 3], x - 1);
        Equal([9, 8, 6], 10 - x);
        Equal([2, 4, 8], 2 * x);
        Equal([4, 2, 1], 4f / x);
        Equal([-1, -2, -4], -x);
        Equal([1, 4, 16], x.pow(2));
        Equal([1, 3, 7], x.cumsum(0));
        Equal([21, 42, 84], x.addcmul(Row(2, 2, 2), x, 10));
        Equal([1, 2, 2], x.clamp(max: 2));
        Equal([0, 1, 2], x.div(2, RoundingMode.floor));
    }

    [Fact]
    public void In_place_operators_change_and_return_the_tensor_itself()
    {
        var x = Row(1, 2);

        Assert.Same(x, x.add_(1).mul_(Row(2, 3)).sub_(1));
        Equal([3, 8], x);
        x.copy_(Row(5, 6)).addcdiv_(Row(4, 9), Row(2, 3), -1);
        Equal([3, 3], x);
        Equal([0, 0], x.zero_());
    }

    [Fact]
    public void Comparisons_are_elementwise()
    {
        var x = Row(1, 2, 3);

        Assert.Equal([false, false, true], (x > 2).data<bool>().ToArray());
        Assert.Equal([false, true, false], (x == 2).data<bool>().ToArray());
        Assert.Equal([true, false, true], x.ne(Row(0, 2, 0)).data<bool>().ToArray());
        Assert.True(x.ge(1).all().item<bool>());
        Assert.False(x.isfinite().logical_not().any().ToBoolean());
        Assert.True(x.Equals(Row(1, 2, 3)));
        Assert.True(x.allclose(x + 1e-9f));
        Equal([3, 2, 3], x.maximum(Row(3, 0, 0)));
        Equal([9, 2, 9], where(x == 2, x, full(3, 9f)));
    }

    [Fact]
    public void Reductions_bind_as_in_the_package()
    {
        var x = tensor(new float[,] { { 1, 5, 3 }, { 4, 2, 6 } });

        Assert.Equal(21, x.sum().ToDouble());
        Equal([5, 7, 9], x.sum(0L));
        Equal([9, 12], x.sum(dim: 1));
        Equal([3, 4], x.mean([-1]));
        Equal([1, 2], x.argmax(1).to(ScalarType.Float32));
        var (values, places) = x.topk(2);
        Equal([5, 3, 6, 4], values.flatten());
        Assert.Equal([1L, 2, 2, 0], places.flatten().data<long>().ToArray());
        Equal([5, 6], x.max(1L).values);
        Equal([3, 4], x.kthvalue(2, 1).values);
        Equal([1, 3, 5], x.sort().Values[0]);
        Assert.Equal(3.5, x.quantile(tensor(0.5f), 0).mean().ToDouble(), 1e-6);
        Assert.Equal(Math.Sqrt(91), x.norm().ToDouble(), 1e-5);
        Assert.Equal(21, x.norm(1f).ToDouble());
        Equal([35, 56], x.norm(1).pow(2));
        Equal([4, 4], x.var(1));
    }

    [Fact]
    public void Shapes_are_viewed_joined_and_cut()
    {
        var x = arange(6, ScalarType.Float32).view(2, 3);

        Assert.Equal([3L, 2], x.transpose(0, 1).shape);
        Equal([0, 3, 1, 4, 2, 5], x.T.contiguous().view(-1));
        Assert.Equal([1L, 2, 3, 1], x.unsqueeze(0).unsqueeze(-1).shape);
        Assert.Equal([4L, 3], cat([x, x]).shape);
        Assert.Equal([2L, 2, 3], stack([x, x], 1).shape);
        Assert.Equal([1L, 2], x.split([1, 2], 1).Select(part => part.size(1)));
        Equal([0, 0, 0, 3, 4, 0], x.tril());
        Equal([0, 0, 1, 1, 2, 2], x[0].repeat_interleave(2));
        Assert.Equal([2L, 3, 4], x.unsqueeze(-1).expand(2, 3, 4).shape);
        Equal([1, 5], x.gather(1, tensor(new long[] { 1, 2 }, 2, 1)));
    }

    [Fact]
    public void Scattering_and_putting_write_where_the_index_says()
    {
        var x = zeros(2, 3);
        x.scatter_(1, tensor(new long[] { 2, 0 }, 2, 1), tensor(new float[] { 7, 8 }, 2, 1));
        Equal([0, 0, 7, 8, 0, 0], x);
        x.index_put_(Row(1, 1), [tensor(new long[] { 0, 0 }), tensor(new long[] { 2, 2 })], accumulate: true);
        Equal([0, 0, 9, 8, 0, 0], x);
        x.index_add_(0, tensor(new long[] { 1 }), ones(1, 3), 2);
        Equal([0, 0, 9, 10, 2, 2], x);
    }

    [Fact]
    public void A_generator_makes_the_same_numbers_for_the_same_seed()
    {
        using var first = new Generator(7);
        using var second = new Generator(7);

        var drawn = randn([5], generator: first);

        Assert.True(drawn.Equals(randn(5, generator: second)));
        Assert.False(drawn.Equals(randn(5, generator: second)));
        Assert.True(rand(3, generator: first.manual_seed(1)).Equals(rand(3, generator: second.manual_seed(1))));
        Assert.Equal([0L, 1, 2, 3], randperm(4, generator: first).sort().Values.data<long>().ToArray());
        Assert.Equal(1, Row(0, 1, 0).multinomial(1, generator: first).ToInt64());
        Assert.True(randint(3, 5, [100], generator: first).ge(3).all().ToBoolean());
    }

    private static torch.Tensor Row(params float[] values) => tensor(values);

    private static void Equal(float[] expected, torch.Tensor actual) =>
        Assert.Equal(expected, actual.to(ScalarType.Float32).data<float>().ToArray(), (x, y) => MathF.Abs(x - y) < 1e-5f);
}
