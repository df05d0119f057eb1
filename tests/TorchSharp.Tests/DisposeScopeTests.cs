using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class DisposeScopeTests
{
    /// <summary>What other tests forgot must not be freed in the middle of a count.</summary>
    public DisposeScopeTests() => Collect();

    [Fact]
    public void Everything_made_in_a_scope_ends_with_it()
    {
        var before = torch.Tensor.TotalCount;
        using (var scope = NewDisposeScope())
        {
            _ = (ones(3) + 1).sum();
            Assert.Equal(3, scope.DisposablesCount);
            Assert.Equal(before + 3, torch.Tensor.TotalCount);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void A_training_step_leaks_nothing()
    {
        var before = torch.Tensor.TotalCount;
        using (NewDisposeScope())
        {
            var weight = new Parameter(ones(2, 3));
            for (var step = 0; step < 3; step++)
                Step(weight);
            var afterThree = torch.Tensor.TotalCount;
            Step(weight);
            Assert.Equal(afterThree, torch.Tensor.TotalCount);
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Indexing_and_failures_leak_nothing()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).view(2, 3);
        var before = torch.Tensor.TotalCount;
        using (NewDisposeScope())
        {
            Assert.Equal(5, x[1, 2].ToInt64());
            x[0, ..2] = x[1, 1..];
            Assert.Throws<TorchException>(() => x[5]);
            Assert.Throws<TorchException>(() => x.view(7));
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Tensors_move_out_detach_and_attach()
    {
        using var outer = NewDisposeScope();
        torch.Tensor moved, detached;
        using (var inner = NewDisposeScope())
        {
            moved = ones(1).MoveToOuterDisposeScope();
            detached = inner.Detach(ones(2));
            _ = ones(3);
            Assert.Equal(1, inner.DisposablesCount);
        }
        Assert.Equal(1, outer.DisposablesCount);
        Assert.False(moved.IsInvalid);
        outer.Attach(detached);
        outer.DisposeEverythingBut(detached);
        Assert.True(moved.IsInvalid);
        Assert.Equal([2L], detached.shape);
        outer.DisposeEverything();
        Assert.True(detached.IsInvalid);
    }

    [Fact]
    public void Moving_out_of_the_outermost_scope_leaves_the_tensor_to_its_holder()
    {
        torch.Tensor kept;
        using (NewDisposeScope())
            kept = ones(1).MoveToOuterDisposeScope();
        Assert.False(kept.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void A_parameter_takes_its_tensors_place()
    {
        using var scope = NewDisposeScope();
        var data = ones(2);

        var parameter = new Parameter(data);

        Assert.True(data.IsInvalid);
        Assert.True(parameter.requires_grad);
        Assert.True(scope.Contains(parameter));
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void Scopes_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        var other = new Thread(() => ones(1).Dispose());
        other.Start();
        other.Join();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void The_collector_frees_what_was_forgotten()
    {
        var before = torch.Tensor.TotalCount;
        Forget();
        Collect();
        Assert.Equal(before, torch.Tensor.TotalCount);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget() => _ = ones(1);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static void Step(Parameter weight)
    {
        using var scope = NewDisposeScope();
        weight.grad?.zero_();
        weight.pow(2).sum().backward();
        nn.utils.clip_grad_norm_([weight], 1);
        using var recording = no_grad();
        weight.add_(weight.grad!, -0.1);
    }
}
