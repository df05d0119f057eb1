using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class FunctionalTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Linear_multiplies_by_the_transposed_weights()
    {
        var weights = tensor(new double[,] { { 3, 4 }, { 5, 6 } });

        var made = nn.functional.linear(tensor(new double[,] { { 1, 2 } }), weights, tensor(new[] { 0.5, -1 }));

        Assert.Equal([11.5, 16], made.data<double>().ToArray());
    }

    [Fact]
    public void Cross_entropy_is_the_mean_negative_log_probability()
    {
        var logits = tensor(new[,] { { 0, Math.Log(3) }, { Math.Log(4), 0 }, { 0, 0 } });
        var target = tensor(new long[] { 1, 0, -100 });

        Assert.Equal(-(Math.Log(0.75) + Math.Log(0.8)) / 2, nn.functional.cross_entropy(logits, target).ToDouble(), 1e-12);
        Assert.Equal(-Math.Log(0.8), nn.functional.cross_entropy(logits, target, reduction: nn.Reduction.None)[1].ToDouble(), 1e-12);
        Assert.Equal(
            nn.functional.cross_entropy(logits, target, reduction: nn.Reduction.Sum).ToDouble(),
            nn.functional.nll_loss(logits.log_softmax(1), target, reduction: nn.Reduction.Sum).ToDouble(), 1e-12);
    }

    [Fact]
    public void Divergence_of_two_distributions()
    {
        var p = tensor(new[] { 0.25, 0.75 });
        var q = tensor(new[] { 0.5, 0.5 });
        var expected = 0.25 * Math.Log(0.5) + 0.75 * Math.Log(1.5);

        Assert.Equal(expected, nn.functional.kl_div(q.log(), p.log(), log_target: true, nn.Reduction.Sum).ToDouble(), 1e-12);
        Assert.Equal(expected, nn.functional.kl_div(q.log(), p, log_target: false, nn.Reduction.Sum).ToDouble(), 1e-12);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(-0.5)]
    public void Activations_at_a_point(double x)
    {
        var at = tensor(x);
        var tanh = Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x));

        Assert.Equal(x / (1 + Math.Exp(-x)), nn.functional.silu(at).ToDouble(), 1e-12);
        Assert.Equal(0.5 * x * (1 + tanh), nn.functional.gelu(at, TorchSharp.Modules.GELU.Approximate.tanh).ToDouble(), 1e-12);
        Assert.Equal(nn.functional.gelu(at).ToDouble(), 0.5 * x * (1 + (at / Math.Sqrt(2)).erf().ToDouble()), 1e-12);
    }

    [Fact]
    public void Attention_is_a_softmax_over_what_may_be_seen()
    {
        var query = tensor(new double[,] { { 2, 0 }, { 0, 2 } }).view(1, 2, 2);
        var key = tensor(new double[,] { { 1, 0 }, { 0, 1 } }).view(1, 2, 2);
        var value = tensor(new double[,] { { 1, 10 }, { 2, 20 } }).view(1, 2, 2);

        var causal = nn.functional.scaled_dot_product_attention(query, key, value, is_casual: true);
        var mask = ones(2, 2, ScalarType.Bool).tril();
        var masked = nn.functional.scaled_dot_product_attention(query, key, value, mask);

        Assert.Equal([1.0, 10], causal[0, 0].data<double>().ToArray());
        var second = Math.Exp(Math.Sqrt(2)) / (1 + Math.Exp(Math.Sqrt(2)));
        Assert.Equal(1 + second, causal[0, 1, 0].ToDouble(), 1e-12);
        Assert.True(causal.allclose(masked));
    }

    [Fact]
    public void Dropout_keeps_the_mean_and_is_off_outside_training()
    {
        manual_seed(3);
        var x = ones(10000);

        var dropped = nn.functional.dropout(x, 0.25);

        Assert.Equal(0.25, dropped.eq(0).to(float64).mean().ToDouble(), 0.02);
        Assert.Equal(1 / 0.75, dropped.max().ToDouble(), 1e-6);
        Assert.True(nn.functional.dropout(x, 0.25, training: false).Equals(x));
    }
}
