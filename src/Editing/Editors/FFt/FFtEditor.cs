using Harness.Editing.Arithmetic;

namespace Harness.Editing.Editors.FFt;

/// <summary>F-FT: F-Learning with fine-tuning of all weights in both parts.</summary>
internal sealed class FFtEditor(FFtOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests) =>
        FLearning.Run(session, requests, options, new FullLearning(options.ForgettingInForce), new FullLearning(options.Tuning));
}
