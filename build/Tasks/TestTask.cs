using Cake.Core;
using Cake.Frosting;
using Harness.Build.Testing;

namespace Harness.Build.Tasks;

/// <summary>Runs the test projects.</summary>
[TaskName("Test")]
[TaskDescription("runs the test suite")]
public sealed class TestTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context)
    {
        var run = TestRun.Of(Clone.At("tests"), Clone.At("artifacts", "tests"));
        Console.WriteLine($"{run.Passed} passed, {run.Failed} failed");
        if (run.Failed > 0)
            throw new CakeException($"{run.Failed} of {run.Passed + run.Failed} tests failed");
    }
}
