using Harness.Models;
using Harness.Models.Training.Optimisers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>Each optimiser against its textbook update, in double precision, with gradients θ and −1 for two parameters.</summary>
public sealed class OptimiserTests : IDisposable
{
    private const int Steps = 5;

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(0.01, false)]
    [InlineData(0.01, true)]
    public void Adam_follows_its_papers(double decay, bool decoupled)
    {
        var found = Run(parameters => new AdamOptimiser(parameters, 0.1, 0.8, 0.95, 1e-6, decay, decoupled));

        Assert.Equal(AdamByHand(1, theta => theta), found[0], 1e-12);
        Assert.Equal(AdamByHand(3, _ => -1), found[1], 1e-12);

        double AdamByHand(double theta, Func<double, double> gradient)
        {
            double m = 0, v = 0;
            for (var t = 1; t <= Steps; t++)
            {
                var g = gradient(theta) + (decoupled ? 0 : decay * theta);
                theta -= decoupled ? 0.1 * decay * theta : 0;
                m = 0.8 * m + 0.2 * g;
                v = 0.95 * v + 0.05 * g * g;
                theta -= 0.1 * (m / (1 - Math.Pow(0.8, t))) / (Math.Sqrt(v / (1 - Math.Pow(0.95, t))) + 1e-6);
            }

            return theta;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    public void Gradient_descent_follows_its_formula(double decay)
    {
        var found = Run(parameters => new SgdOptimiser(parameters, 0.1, decay));

        var theta = 1.0;
        for (var t = 1; t <= Steps; t++) theta -= 0.1 * (theta + decay * theta);
        Assert.Equal(theta, found[0], 1e-12);
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_and_ages_from_its_first_one()
    {
        var used = new Parameter(tensor(1.0));
        var later = new Parameter(tensor(1.0));
        using var optimiser = new AdamOptimiser([used, later], 0.1);

        used.square().backward();
        optimiser.Step();
        Assert.Equal(1, later.AsDouble());
        later.square().backward();
        optimiser.Step();

        // The first Adam step is lr · sign(g) but for ε.
        Assert.Equal(0.9, later.AsDouble(), 1e-8);
    }

    [Fact]
    public void The_learning_rate_can_be_changed_between_steps()
    {
        var weight = new Parameter(tensor(1.0));
        using var optimiser = new SgdOptimiser([weight], 0.5);
        optimiser.LearningRate = 0.25;
        weight.square().backward();

        optimiser.Step();

        Assert.Equal(0.5, weight.AsDouble());
        optimiser.ZeroGradients();
        Assert.Equal(0, weight.grad!.AsDouble());
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_wrong_learning_rate_is_refused(double rate) =>
        Assert.StartsWith(
            FormattableString.Invariant($"found the learning rate {rate}, expected at least 0"),
            Assert.Throws<ArgumentException>(() => new SgdOptimiser([], rate)).Message, StringComparison.Ordinal);

    [Fact]
    public void Moments_outlive_dispose_scopes_and_go_with_the_optimiser()
    {
        var weight = new Parameter(tensor(1.0));
        var optimiser = new AdamOptimiser([weight], 0.1);
        weight.square().backward();
        using (NewDisposeScope()) optimiser.Step();
        optimiser.Step();
        var before = Tensor.TotalCount;

        optimiser.Dispose();

        Assert.Equal(before - 2, Tensor.TotalCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Steps_leak_nothing(bool decoupled)
    {
        var weight = new Parameter(ones(2, 3));
        using var optimiser = new AdamOptimiser([weight], 0.1, weightDecay: 0.1, decoupled: decoupled);
        Step();
        var before = Tensor.TotalCount;

        Step();

        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            using var inner = NewDisposeScope();
            optimiser.ZeroGradients();
            weight.Power(2).sum().backward();
            nn.utils.clip_grad_norm_([weight], 1);
            optimiser.Step();
        }
    }

    [Fact]
    public void Clipping_scales_all_gradients_by_their_common_norm()
    {
        Parameter[] weights = [new(tensor(new[] { 3.0 })), new(tensor(new[] { 4.0 }))];
        foreach (var weight in weights) weight.square().div(2).sum().backward();

        Assert.Equal(5, nn.utils.clip_grad_norm_(weights, 1), 1e-12);
        Assert.Equal(0.6, weights[0].grad!.AsDouble(), 1e-6);
        Assert.Equal(0.8, weights[1].grad!.AsDouble(), 1e-6);
    }

    private static double[] Run(Func<Parameter[], Optimiser> create)
    {
        Parameter[] parameters = [new(tensor(1.0)), new(tensor(new[] { 3.0 }))];
        using var optimiser = create(parameters);
        for (var step = 0; step < Steps; step++)
        {
            optimiser.ZeroGradients();
            parameters[0].square().div(2).backward();
            parameters[1].neg().sum().backward();
            optimiser.Step();
        }

        return [.. parameters.Select(parameter => parameter.AsDouble())];
    }
}
