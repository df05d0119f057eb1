using Harness.Models.Training.Optimisers;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests.Training.Optimisers;

/// <summary>Against the textbook update, in double precision, with gradients θ and −1 for two parameters.</summary>
public sealed class AdamTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.01, false)]
    [InlineData(0.01, true)]
    public void Adam_and_AdamW_follow_their_papers(double decay, bool decoupled)
    {
        var found = OptimiserTests.Run(parameters => decoupled ? new AdamW(parameters, 0.1, 0.8, 0.95, 1e-6, decay)
            : new Adam(parameters, 0.1, 0.8, 0.95, 1e-6, decay));

        Assert.Equal(ByHand(1, theta => theta), found[0], 1e-12);
        Assert.Equal(ByHand(3, _ => -1), found[1], 1e-12);

        double ByHand(double theta, Func<double, double> gradient)
        {
            double m = 0, v = 0;
            for (var t = 1; t <= OptimiserTests.Steps; t++)
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
        for (var t = 1; t <= OptimiserTests.Steps; t++)
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

    [Fact]
    public void A_parameter_without_a_gradient_stays_and_ages_from_its_first_one()
    {
        var (used, later) = (OptimiserTests.Leaf(1), OptimiserTests.Leaf(1));
        using var optimiser = new Adam([used, later], 0.1);

        used.pow(Held(2)).sum().backward();
        optimiser.Step();
        Assert.Equal(1, later.AsDouble());
        later.pow(Held(2)).sum().backward();
        optimiser.Step();

        // The first Adam step is rate · sign(g) but for ε.
        Assert.Equal(0.9, later.AsDouble(), 1e-8);
    }

    // m̂ and √v̂ are the gradient itself and its size after one step: 1 − 0.1 · 2 / (2 + 2).
    [Fact]
    public void The_first_step_is_the_gradient_over_its_size_and_epsilon()
    {
        var weight = OptimiserTests.Leaf(1);
        using var optimiser = new Adam([weight], 0.1, epsilon: 2);
        weight.pow(Held(2)).sum().backward();
        optimiser.Step();
        Assert.Equal(0.95, weight.AsDouble(), 1e-12);
    }

    // The gradient is 0: only the decay is left, and to Adam it is a gradient of its own.
    [Theory]
    [InlineData(true, 4 * (1 - (0.1 * 0.5)))]
    [InlineData(false, 4 - 0.1)]
    public void Decay_alone_shrinks_the_value_or_is_a_gradient(bool decoupled, double expected)
    {
        var weight = OptimiserTests.Leaf(4);
        using Optimiser optimiser = decoupled ? new AdamW([weight], 0.1, weightDecay: 0.5) : new Adam([weight], 0.1, weightDecay: 0.5);
        weight.mul(Held(0)).sum().backward();
        optimiser.Step();
        Assert.Equal(expected, weight.AsDouble(), 1e-8);
    }

    [Fact]
    public void A_rate_that_is_changed_counts_from_the_next_step_on_and_the_moments_stay()
    {
        var (weight, other) = (OptimiserTests.Leaf(1), OptimiserTests.Leaf(1));
        using var optimiser = new Adam([weight], 0.1) { LearningRate = 0 };
        using var steady = new Adam([other], 0.1);
        Step(weight, optimiser);
        Assert.Equal(1, weight.AsDouble());
        optimiser.LearningRate = 0.1;
        Step(weight, optimiser);
        Step(other, steady);

        // Equal gradients have equal corrected moments, whenever they began.
        Assert.Equal(other.AsDouble(), weight.AsDouble(), 1e-12);
    }

    private static void Step(Tensor weight, Optimiser optimiser)
    {
        optimiser.ZeroGradients();
        weight.mul(Held(2)).sum().backward();
        optimiser.Step();
    }
}
