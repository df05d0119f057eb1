using Cake.Frosting;

namespace Harness.Build.Tasks;

/// <summary>Deletes the finished cells.</summary>
[TaskName("Clean")]
[TaskDescription("deletes the store of finished cells")]
public sealed class CleanTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context) => context.Study.DeleteStore();
}
