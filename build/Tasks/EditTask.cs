using Cake.Frosting;
using Harness.Build.Editing;

namespace Harness.Build.Tasks;

/// <summary>Edits a user's checkpoint with a user's facts.</summary>
[TaskName("Edit")]
[TaskDescription("edits a checkpoint of yours with facts of yours: --model=FOLDER --facts=FILE --editor=NAME --out=FOLDER")]
public sealed class EditTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context) =>
        CheckpointEdit.Run(context.Options, context.Study, Console.Out, context.Interruption.Token);
}
