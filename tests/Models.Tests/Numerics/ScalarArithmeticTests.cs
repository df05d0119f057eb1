using Harness.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>Every method against the operator of TorchSharp that it protects: the same bytes and the same element type.</summary>
public sealed class ScalarArithmeticTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    public static TheoryData<string, Func<Tensor, Tensor>, Func<Tensor, Tensor>> Pairs => new()
    {
        { "sum", x => x + x.mul(x), x => x.Plus(x.mul(x)) },
        { "sum with a number", x => x + 0.1, x => x.Plus(0.1) },
        { "sum with a factor", x => x.add(x, 0.3), x => x.PlusTimes(x, 0.3) },
        { "sum in place", x => x.clone().add_(x), x => x.clone().PlusInPlace(x) },
        { "sum with a number in place", x => x.clone().add_(0.1), x => x.clone().PlusInPlace(0.1) },
        { "sum with a factor in place", x => x.clone().add_(x, 0.3), x => x.clone().PlusTimesInPlace(x, 0.3) },
        { "product added", x => x.clone().addcmul_(x, x, 0.3), x => x.clone().PlusProductInPlace(x, x, 0.3) },
        { "quotient added", x => x.clone().addcdiv_(x, x.exp(), 0.3), x => x.clone().PlusQuotientInPlace(x, x.exp(), 0.3) },
        { "rows added", x => x.clone().index_add_(0, tensor([1L, 0L]), x.narrow(0, 0, 2), 1), x => x.clone().PlusAtInPlace(0, tensor([1L, 0L]), x.narrow(0, 0, 2)) },
        { "difference", x => x - 0.1, x => x.Minus(0.1) },
        { "difference in place", x => x.clone().sub_(1), x => x.clone().MinusInPlace(1) },
        { "subtracted from a number", x => 0.1 - x, x => x.SubtractedFrom(0.1) },
        { "subtracted from a whole number", x => 1 - x, x => x.SubtractedFrom(1) },
        { "product", x => x * 0.1f, x => x.Times(0.1f) },
        { "product in place", x => x.clone().mul_(3), x => x.clone().TimesInPlace(3) },
        { "quotient", x => x / 3, x => x.DividedBy(3) },
        { "quotient in place", x => x.clone().div_(0.3), x => x.clone().DividedByInPlace(0.3) },
        { "power", x => x.pow(2), x => x.Power(2) },
        { "square", x => x.square(), x => x.Power(2) },
        { "at least", x => x.clamp(min: 0), x => x.AtLeast(0) },
        { "at least, of one bound", x => x.clamp_min(0.5), x => x.AtLeast(0.5) },
        { "at most", x => x.clamp(max: 0.5), x => x.AtMost(0.5) },
        { "between", x => x.clone().clamp_(-0.5, 0.5), x => x.clone().BetweenInPlace(-0.5, 0.5) },
        { "filled", x => x.masked_fill(x.gt(0), -1), x => x.FilledWhere(x.IsAbove(0), -1) },
        { "above", x => x.gt(0), x => x.IsAbove(0) },
        { "at least, as a question", x => x.ge(0), x => x.IsAtLeast(0) },
        { "below", x => x.lt(0.5), x => x.IsBelow(0.5) },
        { "at most, as a question", x => x.le(0.5), x => x.IsAtMost(0.5) },
        { "different", x => x.ne(0), x => x.DiffersFrom(0) },
        { "one number", x => full([2, 3], 0.1), x => ScalarArithmetic.Filled([2, 3], 0.1) },
        { "counting", x => arange(x.numel()), x => ScalarArithmetic.Counting(x.numel()) },
    };

    [Theory]
    [MemberData(nameof(Pairs), DisableDiscoveryEnumeration = true)]
    public void Gives_the_bytes_of_the_operator(string name, Func<Tensor, Tensor> plain, Func<Tensor, Tensor> held)
    {
        Assert.NotEmpty(name);
        using var random = new Generator(5);
        var values = cat([randn([4, 33], generator: random), zeros(1, 33)]);
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            var (wanted, found) = (plain(values.to(type)), held(values.to(type)));
            Assert.Equal(wanted.dtype, found.dtype);
            Assert.Equal(wanted.shape, found.shape);
            Assert.Equal(wanted.contiguous().bytes.ToArray(), found.contiguous().bytes.ToArray());
        }
    }

    [Fact]
    public void Collections_on_another_thread_change_nothing()
    {
        using var stop = new CancellationTokenSource();
        var collecting = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        })
        { IsBackground = true };
        collecting.Start();
        var values = arange(0, 16, 1, ScalarType.Float64);
        var wrong = 0;
        try
        {
            for (var round = 1; round <= 5000; round++)
            {
                using var inner = NewDisposeScope();
                var found = values.Times(1.0 / round).Plus(0.5).sum().AsDouble();
                if (Math.Abs(found - ((120.0 / round) + 8)) > 1e-9) wrong++;
            }
        }
        finally
        {
            stop.Cancel();
            collecting.Join();
        }

        Assert.Equal(0, wrong);
    }

    [Fact]
    public void Whole_numbers_stay_whole()
    {
        var whole = tensor([1L, 2L]);

        Assert.Equal(ScalarType.Int64, whole.Times(2).dtype);
        Assert.Equal(ScalarType.Int64, whole.Plus(2L).dtype);
        Assert.Equal(ScalarType.Float32, whole.Times(2.0).dtype);
        Assert.Equal(ScalarType.Float32, whole.Times(2f).dtype);
    }

    [Fact]
    public void Gradients_go_through()
    {
        var x = tensor(3.0).requires_grad_(true);

        x.Power(2).Times(2).Plus(x.SubtractedFrom(1)).backward();

        Assert.Equal(11, x.grad!.AsDouble());
    }
}
