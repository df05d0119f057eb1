using Harness.Editing.Editors.FFt;

namespace Harness.Editing.Editors.FLoraFt;

/// <summary>F-LoRA-FT: F-Learning that forgets with LoRA and learns with fine-tuning of all weights.</summary>
internal sealed class FLoraFtEditor(FLoraFtOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor =>
        EditorDescriptor.Of<FLoraFtOptions>("f-lora-ft", options => new FLoraFtEditor(options)) with { Open = OpenOption.OldKnowledge };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests) =>
        FLearning.Run(session, requests, options, forgetting: options.Settings, learning: null);
}
