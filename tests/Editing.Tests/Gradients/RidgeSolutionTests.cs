// N = tokens, I = inputs, O = outputs.
using Harness.Editing.Gradients;
using static TorchSharp.torch;

namespace Harness.Tests.Gradients;

public sealed class RidgeSolutionTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    public void Solves_the_normal_equations_whether_tokens_are_few_or_many(int tokens)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(4);
        var (keys_NI, values_NO) = (randn([tokens, 8], dtype: ScalarType.Float64, generator: random),
            randn([tokens, 5], dtype: ScalarType.Float64, generator: random));
        var change_OI = RidgeSolution.Of(keys_NI, values_NO, tensor(0.3));
        var left_IO = keys_NI.t().matmul(keys_NI).Plus(eye(8, dtype: ScalarType.Float64) * Held(0.3)).matmul(change_OI.t());
        Assert.InRange(Numbers.Distance(left_IO, keys_NI.t().matmul(values_NO)), 0, 1e-12);
    }
}
