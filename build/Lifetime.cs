using Cake.Core;
using Cake.Frosting;

namespace Harness.Build;

/// <summary>Tells the study what this run will execute: a stage's first task then works for all of them.</summary>
public sealed class Lifetime : FrostingLifetime<HarnessContext>
{
    /// <inheritdoc/>
    public override void Setup(HarnessContext context, ISetupContext info) =>
        context.Study.Prepare([.. info.TasksToExecute.Select(task => task.Name)]);

    /// <inheritdoc/>
    public override void Teardown(HarnessContext context, ITeardownContext info)
    {
        context.Study.Dispose();
        context.Interruption.Dispose();
    }
}
