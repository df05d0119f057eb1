using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>Each optimizer against its textbook update, in double precision, with gradients θ and −1 for two parameters.</summary>
public sealed class OptimizerTests : IDisposable
{
    private const int Steps = 5;

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.01, false)]
    [InlineData(0.01, true)]
    public void Adam_and_AdamW_follow_their_papers(double decay, bool amsgrad)
    {
        foreach (var decoupled in new[] { false, true })
        {
            var found = Run(parameters => decoupled
                ? optim.AdamW(parameters, 0.1, 0.8, 0.95, 1e-6, decay, amsgrad)
                : optim.Adam(parameters, 0.1, 0.8, 0.95, 1e-6, decay, amsgrad));
            Assert.Equal(AdamByHand(1, theta => theta), found[0], 1e-12);
            Assert.Equal(AdamByHand(3, _ => -1), found[1], 1e-12);

            double AdamByHand(double theta, Func<double, double> gradient)
            {
                double m = 0, v = 0, largest = 0;
                for (var t = 1; t <= Steps; t++)
                {
                    var g = gradient(theta) + (decoupled ? 0 : decay * theta);
                    theta -= decoupled ? 0.1 * decay * theta : 0;
                    m = 0.8 * m + 0.2 * g;
                    v = 0.95 * v + 0.05 * g * g;
                    largest = Math.Max(largest, v);
                    var second = (amsgrad ? largest : v) / (1 - Math.Pow(0.95, t));
                    theta -= 0.1 * (m / (1 - Math.Pow(0.8, t))) / (Math.Sqrt(second) + 1e-6);
                }
                return theta;
            }
        }
    }

    [Theory]
    [InlineData(0, false, 0)]
    [InlineData(0.9, false, 0.01)]
    [InlineData(0.9, true, 0.01)]
    public void SGD_follows_its_formula(double momentum, bool nesterov, double decay)
    {
        var found = Run(parameters => optim.SGD(parameters, 0.1, momentum, weight_decay: decay, nesterov: nesterov));

        double theta = 1, velocity = 0;
        for (var t = 1; t <= Steps; t++)
        {
            var g = theta + decay * theta;
            velocity = t == 1 ? g : momentum * velocity + g;
            theta -= 0.1 * (momentum == 0 ? g : nesterov ? g + momentum * velocity : velocity);
        }
        Assert.Equal(theta, found[0], 1e-12);
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_and_ages_from_its_first_one()
    {
        var used = new Parameter(tensor(1.0));
        var later = new Parameter(tensor(1.0));
        using var optimizer = optim.Adam([used, later], 0.1);

        used.square().backward();
        optimizer.step();
        Assert.Equal(1, later.ToDouble());
        later.square().backward();
        optimizer.step();

        // The first Adam step is lr · sign(g) but for ε.
        Assert.Equal(0.9, later.ToDouble(), 1e-8);
    }

    [Fact]
    public void The_learning_rate_can_be_changed_between_steps()
    {
        var weight = new Parameter(tensor(1.0));
        using var optimizer = optim.SGD([weight], 0.5);
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = 0.25;
        weight.square().backward();

        optimizer.step();

        Assert.Equal(0.5, weight.ToDouble());
        optimizer.zero_grad();
        Assert.Equal(0, weight.grad!.ToDouble());
    }

    [Fact]
    public void Clipping_scales_all_gradients_by_their_common_norm()
    {
        Parameter[] weights = [new(tensor(new[] { 3.0 })), new(tensor(new[] { 4.0 }))];
        foreach (var weight in weights)
            weight.square().div(2).sum().backward();

        Assert.Equal(5, nn.utils.clip_grad_norm_(weights, 1), 1e-12);
        Assert.Equal(0.6, weights[0].grad!.ToDouble(), 1e-6);
        Assert.Equal(0.8, weights[1].grad!.ToDouble(), 1e-6);
    }

    private static double[] Run(Func<Parameter[], optim.Optimizer> create)
    {
        Parameter[] parameters = [new(tensor(1.0)), new(tensor(new[] { 3.0 }))];
        using var optimizer = create(parameters);
        for (var step = 0; step < Steps; step++)
        {
            optimizer.zero_grad();
            parameters[0].square().div(2).backward();
            parameters[1].neg().sum().backward();
            optimizer.step();
        }
        return [.. parameters.Select(parameter => parameter.ToDouble())];
    }
}
