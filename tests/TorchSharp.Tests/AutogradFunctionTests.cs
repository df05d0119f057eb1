// N = rows, I = inputs, O = outputs.
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class AutogradFunctionTests
{
    [Fact]
    public void Gradient_equals_that_of_the_function_it_stands_for()
    {
        using var scope = NewDisposeScope();
        var weights_OI = Fixed(5, 4);
        var input_NI = Fixed(3, 4).requires_grad_();
        var weighting_NO = Fixed(3, 5).cos();
        var source = new Source(weights_OI);

        var first = autograd.grad([(nn.functional.linear(input_NI * 2, weights_OI).sin() * weighting_NO).sum()], [input_NI])[0];
        var loss = (FrozenLinear.apply(input_NI * 2, source).sin() * weighting_NO).sum();
        var second = autograd.grad([loss], [input_NI], retain_graph: true)[0];

        Assert.Equal(first.data<double>().ToArray(), second.data<double>().ToArray());
        Assert.Equal(2, source.Loads);
        Assert.Equal(second.data<double>().ToArray(), autograd.grad([loss], [input_NI])[0].data<double>().ToArray());
        Assert.Equal(3, source.Loads);
    }

    [Fact]
    public void Saved_tensors_reach_backward_and_one_of_two_arguments_may_be_left_without_gradient()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 2.0, 3.0 }).requires_grad_();
        var y = tensor(new[] { 5.0, 7.0 }).requires_grad_();

        Scaled.apply(x, y, 10.0).sum().backward();

        Assert.Equal([50.0, 70.0], x.grad!.data<double>().ToArray());
        Assert.Null(y.grad);
    }

    [Fact]
    public void A_second_backward_needs_the_graph_and_a_changed_tensor_is_refused()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0).requires_grad_();
        var y = tensor(3.0);
        var once = Scaled.apply(x, y, 1.0);
        once.backward();
        Assert.Contains("second time", Assert.Throws<TorchException>(() => once.backward()).Message, StringComparison.Ordinal);

        var changed = Scaled.apply(x, y, 1.0);
        y.add_(1);
        Assert.Contains("inplace", Assert.Throws<TorchException>(() => changed.backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_kept_where_no_gradient_is_wanted()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, float64);
        Assert.False(Scaled.apply(x, x, 1.0).requires_grad);
        x.requires_grad_();
        using (no_grad())
        {
            var before = torch.Tensor.TotalCount;
            using var value = Scaled.apply(x, x, 3.0);
            Assert.Equal(before + 1, torch.Tensor.TotalCount);
            Assert.False(value.requires_grad);
        }
        Assert.True(Scaled.apply(x, x, 3.0).requires_grad);
    }

    [Fact]
    public void State_goes_with_the_graph()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, float64).requires_grad_();
        var before = torch.Tensor.TotalCount;
        var state = Run(backward: true);
        Assert.Equal(before + 1, torch.Tensor.TotalCount);
        Assert.True(Gone(state));
        Assert.True(Gone(Run(backward: false)));
        Assert.Equal(before + 1, torch.Tensor.TotalCount);

        WeakReference Run(bool backward)
        {
            using var inner = NewDisposeScope();
            var source = new Source(eye(2, dtype: ScalarType.Float64));
            var loss = FrozenLinear.apply(FrozenLinear.apply(x, source), source).sum();
            if (backward)
            {
                loss.backward();
                x.grad!.MoveToOuterDisposeScope();
            }
            return new(source);
        }
    }

    [Fact]
    public void An_exception_in_backward_reaches_the_caller_and_the_process_goes_on()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0).requires_grad_();

        var thrown = Assert.Throws<FileNotFoundException>(() => (Failing.apply(x, 0) * 2).backward());
        Assert.Equal("layer 3 is gone", thrown.Message);
        Assert.Throws<FileNotFoundException>(() => autograd.grad([Failing.apply(x, 0)], [x]));
        Assert.Contains("2 gradients for 1 arguments", Assert.Throws<InvalidOperationException>(
            () => Failing.apply(x).backward()).Message, StringComparison.Ordinal);
        Assert.Contains("argument 2, which is no tensor", Assert.Throws<InvalidOperationException>(
            () => Failing.apply(x, 1).backward()).Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Failing), Assert.Throws<TorchException>(
            () => Failing.apply(x.expand(2), 2).sum().backward()).Message, StringComparison.Ordinal);

        (x * 3).backward();
        Assert.Equal(3, x.grad!.ToDouble());
    }

    [Fact]
    public void Backward_runs_on_the_callers_thread_with_a_dispose_scope_of_its_own()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, float64).requires_grad_();
        var seen = new List<int>();
        var owned = scope.DisposablesCount;

        using (var loss = Watching.apply(x, seen).sum())
            loss.backward();

        Assert.Equal([Environment.CurrentManagedThreadId], seen);
        // What apply returned; nothing that backward made.
        Assert.Equal(owned + 1, scope.DisposablesCount);
    }

    [Fact]
    public void Backward_may_call_backward()
    {
        using var scope = NewDisposeScope();
        var x = tensor(3.0).requires_grad_();

        Recomputed.apply(x).backward();

        Assert.Equal(27, x.grad!.ToDouble());
    }

    private static bool Gone(WeakReference state)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return !state.IsAlive;
    }

    private static torch.Tensor Fixed(params long[] shape) =>
        arange(shape.Aggregate(1L, (product, length) => product * length), float64).mul(0.7).add(0.3).sin().reshape(shape);

    /// <summary>A weight that is not in memory: each use makes it anew.</summary>
    private sealed class Source(torch.Tensor weights_OI)
    {
        private readonly double[] _elements = weights_OI.data<double>().ToArray();
        private readonly long[] _shape = weights_OI.shape;

        public int Loads { get; private set; }

        public torch.Tensor Load()
        {
            Loads++;
            return tensor(_elements, _shape);
        }
    }

    private sealed class FrozenLinear : autograd.SingleTensorFunction<FrozenLinear>
    {
        public override string Name => nameof(FrozenLinear);

        public override torch.Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            using var scope = NewDisposeScope();
            ctx.save_data("source", vars[1]);
            var weights_OI = ((Source)vars[1]).Load();
            return nn.functional.linear((torch.Tensor)vars[0], weights_OI).MoveToOuterDisposeScope();
        }

        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, torch.Tensor grad_output)
        {
            using var weights_OI = ((Source)ctx.get_data("source")!).Load();
            return [grad_output.matmul(weights_OI), null];
        }
    }

    private sealed class Scaled : autograd.SingleTensorFunction<Scaled>
    {
        public override string Name => nameof(Scaled);

        public override torch.Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var y = (torch.Tensor)vars[1];
            ctx.save_for_backward([y]);
            ctx.save_data("scale", vars[2]);
            using var scope = NewDisposeScope();
            return ((torch.Tensor)vars[0]).mul(y).mul((double)vars[2]).MoveToOuterDisposeScope();
        }

        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, torch.Tensor grad_output) =>
            [grad_output * ctx.get_saved_variables()[0] * (double)ctx.get_data("scale")!, null, null];
    }

    private sealed class Failing : autograd.SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);

        public override torch.Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("case", vars.Length > 1 ? vars[1] : -1);
            return ((torch.Tensor)vars[0]).clone();
        }

        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, torch.Tensor grad_output) =>
            (int)ctx.get_data("case")! switch
            {
                0 => throw new FileNotFoundException("layer 3 is gone"),
                2 => [zeros(3, 3, float64), null],
                _ => [grad_output, grad_output],
            };
    }

    private sealed class Watching : autograd.SingleTensorFunction<Watching>
    {
        public override string Name => nameof(Watching);

        public override torch.Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("threads", vars[1]);
            return ((torch.Tensor)vars[0]).clone();
        }

        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, torch.Tensor grad_output)
        {
            ((List<int>)ctx.get_data("threads")!).Add(Environment.CurrentManagedThreadId);
            return [grad_output * 2 + 1, null];
        }
    }

    /// <summary>x³, computed again in backward (checkpointing).</summary>
    private sealed class Recomputed : autograd.SingleTensorFunction<Recomputed>
    {
        public override string Name => nameof(Recomputed);

        public override torch.Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (torch.Tensor)vars[0];
            ctx.save_for_backward([x]);
            return x.pow(3);
        }

        public override List<torch.Tensor?> backward(autograd.AutogradContext ctx, torch.Tensor grad_output)
        {
            using var recording = enable_grad();
            var x = ctx.get_saved_variables()[0].detach().requires_grad_();
            return [autograd.grad([x.pow(3)], [x], [grad_output])[0]];
        }
    }
}
