using Harness.Models.Training.Optimisers;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests.Training.Optimisers;

/// <summary>Each optimiser against its textbook update, in double precision, with gradients θ and −1 for two parameters.</summary>
public sealed class OptimiserTests : IDisposable
{
    private const int Steps = 5;

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.01, false)]
    [InlineData(0.01, true)]
    public void Adam_and_AdamW_follow_their_papers(double decay, bool decoupled)
    {
        var found = Run(parameters => decoupled ? new AdamW(parameters, 0.1, 0.8, 0.95, 1e-6, decay)
            : new Adam(parameters, 0.1, 0.8, 0.95, 1e-6, decay));

        Assert.Equal(ByHand(1, theta => theta), found[0], 1e-12);
        Assert.Equal(ByHand(3, _ => -1), found[1], 1e-12);

        double ByHand(double theta, Func<double, double> gradient)
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

    // Vectors of eight and what is left over.
    [Fact]
    public void AdamW_follows_its_paper_in_single_precision_too()
    {
        var start = TensorArithmetic.Counting(133).to(ScalarType.Float32).mul(Held(0.01)).view(7, 19);
        var value = start.clone().with_requires_grad();
        using var optimiser = new AdamW([value], 0.1, 0.8, 0.95, 1e-6, 0.01);
        var (exact, m, v) =
            (start.to(ScalarType.Float64), zeros(7, 19, dtype: ScalarType.Float64), zeros(7, 19, dtype: ScalarType.Float64));
        for (var t = 1; t <= Steps; t++)
        {
            optimiser.ZeroGradients();
            value.pow(Held(2)).div(Held(2)).sum().backward();
            optimiser.Step();
            m = m.mul(Held(0.8)).Plus(exact.mul(Held(0.2)));
            v = v.mul(Held(0.95)).Plus(exact.pow(Held(2)).mul(Held(0.05)));
            var root = v.div(Held(1 - Math.Pow(0.95, t))).sqrt().Plus(Held(1e-6));
            exact = exact.mul(Held(1 - (0.1 * 0.01))) - m.div(Held(1 - Math.Pow(0.8, t))).div(root).mul(Held(0.1));
        }

        Assert.InRange((value.detach() - exact).abs().max().AsDouble(), 0, 1e-5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    public void Sgd_follows_its_formula(double decay)
    {
        var found = Run(parameters => new Sgd(parameters, 0.1, decay));

        Assert.Equal(Math.Pow(1 - (0.1 * (1 + decay)), Steps), found[0], 1e-12);
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_and_ages_from_its_first_one()
    {
        var (used, later) = (Leaf(1), Leaf(1));
        using var optimiser = new Adam([used, later], 0.1);

        used.pow(Held(2)).sum().backward();
        optimiser.Step();
        Assert.Equal(1, later.AsDouble());
        later.pow(Held(2)).sum().backward();
        optimiser.Step();

        // The first Adam step is rate · sign(g) but for ε.
        Assert.Equal(0.9, later.AsDouble(), 1e-8);
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

    private static Tensor Leaf(double value) => tensor(new[] { value }).with_requires_grad();

    private static void Step(Tensor weight, Optimiser optimiser)
    {
        using var inner = NewDisposeScope();
        optimiser.ZeroGradients();
        weight.pow(Held(2)).sum().backward();
        Optimiser.ClipGradients([weight], 1);
        optimiser.Step();
    }

    private static double[] Run(Func<Tensor[], Optimiser> create)
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
