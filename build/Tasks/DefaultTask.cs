using Cake.Frosting;
using Harness.Build.Options;

namespace Harness.Build.Tasks;

/// <summary>Says what there is.</summary>
[TaskName(TargetKind.Default)]
[TaskDescription("says which targets and options there are")]
public sealed class DefaultTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context) => HelpPage.Write();
}
