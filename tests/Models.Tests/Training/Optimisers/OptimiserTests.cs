using Harness.Models.Training.Optimisers;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests.Training.Optimisers;

/// <summary>Each optimiser against its textbook update, in double precision, with gradients θ and −1 for two parameters.</summary>
public sealed class OptimiserTests : IDisposable
{
    internal const int Steps = 5;

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    public void Sgd_follows_its_formula(double decay)
    {
        var found = Run(parameters => new Sgd(parameters, 0.1, decay));

        Assert.Equal(Math.Pow(1 - (0.1 * (1 + decay)), Steps), found[0], 1e-12);
    }

    [Fact]
    public void The_learning_rate_can_be_changed_between_steps()
    {
        var weight = Leaf(1);
        using var optimiser = new Sgd([weight], 0.5) { LearningRate = 0.25 };
        weight.pow(Held(2)).sum().backward();

        optimiser.Step();

        Assert.Equal(0.5, weight.AsDouble());
        optimiser.ZeroGradients();
        Assert.Equal(0, weight.grad!.AsDouble());
    }

    [Theory]
    [InlineData(1, 0.6, 0.8)]
    [InlineData(5.1, 3, 4)]
    public void Clipping_scales_all_gradients_by_their_common_norm(double bound, double first, double second)
    {
        Tensor[] weights = [Leaf(3), Leaf(4), Leaf(9)];
        foreach (var weight in weights[..2]) weight.pow(Held(2)).div(Held(2)).sum().backward();

        Assert.Equal(5, Optimiser.ClipGradients(weights, bound), 1e-12);
        Assert.Equal(first, weights[0].grad!.AsDouble(), 1e-6);
        Assert.Equal(second, weights[1].grad!.AsDouble(), 1e-6);
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        var before = Tensor.TotalCount;
        using (NewDisposeScope())
        {
            var weight = Leaf(1);
            using var optimiser = new AdamW([weight], 0.1, weightDecay: 0.1);
            for (var step = 0; step < 3; step++) Step(weight, optimiser);
            var afterThree = Tensor.TotalCount;
            Step(weight, optimiser);
            Assert.Equal(afterThree, Tensor.TotalCount);
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_negative_learning_rate_is_refused() =>
        Assert.Contains("expected a learning rate of 0 or more", Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd([], -1)).Message,
            StringComparison.Ordinal);

    internal static Tensor Leaf(double value) => tensor(new[] { value }).with_requires_grad();

    private static void Step(Tensor weight, Optimiser optimiser)
    {
        using var inner = NewDisposeScope();
        optimiser.ZeroGradients();
        weight.pow(Held(2)).sum().backward();
        Optimiser.ClipGradients([weight], 1);
        optimiser.Step();
    }

    /// <summary>The two parameters, which start at 1 and 3, behind the steps.</summary>
    internal static double[] Run(Func<Tensor[], Optimiser> create)
    {
        Tensor[] parameters = [Leaf(1), Leaf(3)];
        using var optimiser = create(parameters);
        for (var step = 0; step < Steps; step++)
        {
            optimiser.ZeroGradients();
            parameters[0].pow(Held(2)).div(Held(2)).sum().backward();
            parameters[1].neg().sum().backward();
            optimiser.Step();
        }

        return [.. parameters.Select(parameter => parameter.AsDouble())];
    }
}
