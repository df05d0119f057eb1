using Cake.Core;
using Cake.Frosting;
using Harness.Build.Testing;

namespace Harness.Build.Tasks;

/// <summary>Disturbs a small study in every way that is known, in a program of its own, and counts what is lost.</summary>
[TaskName("Faults")]
[TaskDescription("kills, fills and damages a small study; counts what is lost")]
public sealed class FaultsTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context)
    {
        if (TestRun.OfProgram("Faults", "Faults", context.Options.Faults) != 0) throw new CakeException("something was lost: see above");
    }
}
