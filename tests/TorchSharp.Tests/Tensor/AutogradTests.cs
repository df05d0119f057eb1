// N = rows, I = inputs, O = outputs, B = batch, T = positions.
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class AutogradTests
{
    private const double Step = 1e-6;
    private const double Tolerance = 1e-7;

    private static readonly Dictionary<string, Func<torch.Tensor, torch.Tensor>> Functions = new()
    {
        ["linear"] = x => nn.functional.linear(x, Fixed(5, 4), Fixed(5)),
        ["linear by its weight"] = x => nn.functional.linear(Fixed(2, 4), x),
        ["softmax"] = x => x.softmax(-1),
        ["log_softmax"] = x => x.log_softmax(1),
        ["silu"] = x => nn.functional.silu(x),
        ["gelu"] = x => nn.functional.gelu(x),
        ["rms norm"] = x => x * (x.pow(2).mean([-1], keepdim: true) + 1e-5).rsqrt(),
        ["gather"] = x => x.gather(1, tensor(new long[] { 1, 0, 3, 3, 2, 1 }, 3, 2)),
        ["index_select"] = x => x.index_select(0, tensor(new long[] { 2, 0, 2, 1 })),
        ["cross_entropy"] = x => nn.functional.cross_entropy(x, tensor(new long[] { 3, 0, 1 }), reduction: nn.Reduction.None),
        ["bmm"] = x => x.view(1, 3, 4).expand(2, 3, 4).bmm(Fixed(2, 4, 3)),
        ["attention"] = x => nn.functional.scaled_dot_product_attention(
            x.view(1, 1, 3, 4), Fixed(1, 1, 3, 4), x.view(1, 1, 3, 4).mul(2), is_casual: true),
        ["rotation"] = x => cat([x[.., ..2] * Fixed(3, 2) - x[.., 2..], x.narrow(1, 2, 2)], 1),
        ["where and masked_fill"] = x => where(x.gt(0.1), x.exp(), x.sin()).masked_fill(x.lt(-0.9), 0),
        ["solve"] = x => linalg.solve(x.matmul(x.T) + eye(3, dtype: ScalarType.Float64), Fixed(3, 2)),
        ["einsum"] = x => einsum("ni,oi->no", x, Fixed(5, 4)),
    };

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_equals_finite_differences(string name)
    {
        using var scope = NewDisposeScope();
        var input_NI = Fixed(3, 4).requires_grad_();
        var weights = Fixed(Functions[name](input_NI).shape).cos();
        double Loss() => (Functions[name](input_NI) * weights).sum().item<double>();

        (Functions[name](input_NI) * weights).sum().backward();

        var gradient_NI = input_NI.grad!.data<double>().ToArray();
        using var frozen = no_grad();
        var elements = input_NI.data<double>();
        for (var i = 0; i < elements.Count; i++)
        {
            var here = elements[i];
            elements[i] = here + Step;
            var above = Loss();
            elements[i] = here - Step;
            var below = Loss();
            elements[i] = here;
            Assert.Equal((above - below) / (2 * Step), gradient_NI[i], Tolerance);
        }
    }

    [Fact]
    public void Grad_returns_one_tensor_per_input_and_touches_no_leaf()
    {
        using var scope = NewDisposeScope();
        var x = tensor(3.0).requires_grad_();
        var y = tensor(5.0).requires_grad_();
        var unused = tensor(1.0).requires_grad_();

        var gradients = autograd.grad([x * x * y], [x, y, unused], allow_unused: true);

        Assert.Equal(30, gradients[0].ToDouble());
        Assert.Equal(9, gradients[1].ToDouble());
        Assert.Null(gradients[2]);
        Assert.Null(x.grad);
    }

    [Fact]
    public void Second_derivatives_follow_from_create_graph()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0).requires_grad_();

        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        var second = autograd.grad([first], [x])[0];

        Assert.Equal(12, first.ToDouble());
        Assert.Equal(12, second.ToDouble());
    }

    [Fact]
    public void Backward_adds_up_weighs_outputs_and_can_be_limited_to_inputs()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, 2.0 }).requires_grad_();
        var y = tensor(new[] { 1.0, 1.0 }).requires_grad_();

        (x * 3).sum().backward();
        (x * y).backward([tensor(new[] { 10.0, 100.0 })], inputs: [x]);

        Assert.Equal([13.0, 103.0], x.grad!.data<double>().ToArray());
        Assert.Null(y.grad);
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Nothing_is_recorded_under_no_grad_and_the_mode_comes_back()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }
        using (inference_mode())
            Assert.False((x * 2).requires_grad);
        Assert.True((x * 2).requires_grad);
        Assert.False((x * 2).detach().requires_grad);
    }

    private static torch.Tensor Fixed(params long[] shape) =>
        arange(shape.Aggregate(1L, (product, length) => product * length), float64).mul(0.7).add(0.3).sin().reshape(shape);
}
