using Cake.Frosting;

namespace Harness.Build.Tasks;

/// <summary>Edits a user's checkpoint with a user's facts.</summary>
[TaskName("Edit")]
[TaskDescription("edits your model with your facts: --model=, --facts=, --editor=, --out=")]
public sealed class EditTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context) =>
        context.Options.Edit!.Run(context.Study, context.Options.Run, Console.Out, context.Interrupted);
}
