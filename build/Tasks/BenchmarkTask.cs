using Cake.Core;
using Cake.Frosting;
using Harness.Build.Testing;

namespace Harness.Build.Tasks;

/// <summary>Measures the harness against plain PyTorch, in a program of its own.</summary>
[TaskName("Benchmark")]
[TaskDescription("measures the harness against plain PyTorch; writes results/benchmarks")]
public sealed class BenchmarkTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context)
    {
        if (TestRun.OfProgram("Benchmarks", "Benchmark", context.Options.Benchmark) != 0)
            throw new CakeException("the benchmarks ended early: see above");
    }
}
