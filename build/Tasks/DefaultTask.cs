using Cake.Frosting;
using Harness.Build.Options;

namespace Harness.Build.Tasks;

/// <summary>Says what there is.</summary>
[TaskName("Default")]
[TaskDescription("says which options there are")]
public sealed class DefaultTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context) => Console.WriteLine(string.Join(Environment.NewLine, OptionList.Usage()));
}
