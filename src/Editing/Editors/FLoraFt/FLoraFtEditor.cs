using Harness.Editing.Editors.FFt;

namespace Harness.Editing.Editors.FLoraFt;

/// <summary>F-LoRA-FT: F-Learning that forgets with LoRA and learns with fine-tuning of all weights.</summary>
internal sealed class FLoraFtEditor(FLoraFtOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests) =>
        FLearning.Run(session, requests, options, forgetting: options.Settings, learning: null);
}
