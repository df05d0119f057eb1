using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Tests.Training.Optimisers;

/// <summary>Collections beside a step must not change what it computes: a scalar that is freed while native code reads it would.</summary>
public sealed class OptimiserStressTests
{
    private const int Steps = 10_000;

    [Theory]
    [InlineData("adamw")]
    [InlineData("sgd")]
    public void Ten_thousand_steps_give_the_same_bytes_while_other_threads_allocate_and_collect(string name)
    {
        var quiet = Train(name);
        using var collector = new Collector();
        var before = Collector.Collections;
        Assert.Equal(quiet, Train(name));
        Assert.True(Collector.Collections - before > 100,
            $"found {Collector.Collections - before} collections during {Steps} steps, expected more than 100");
    }

    // The bytes of a [2, 3] weight. Its gradient is another in each step.
    private static byte[] Train(string name)
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new float[] { 1, -2, 3, 0.5f, -0.25f, 4 }, [2, 3]).with_requires_grad();
        var towards = tensor(new float[] { -1, 2, 0, 0.125f, 7, -4 }, [2, 3]);
        using Optimiser optimiser = name == "sgd" ? new Sgd([weight], 1e-3, 0.01) : new AdamW([weight], 1e-3, 0.9, 0.999, 1e-8, 0.01);
        for (var step = 0; step < Steps; step++)
        {
            using var inner = NewDisposeScope();
            optimiser.ZeroGradients();
            var distance = weight.sub(towards);
            distance.mul(distance).mul(Held(1.0 / (step + 1))).sum().backward();
            optimiser.LearningRate = 1e-3 / (1 + (step % 7));
            optimiser.Step();
        }

        return weight.detach().bytes.ToArray();
    }
}
