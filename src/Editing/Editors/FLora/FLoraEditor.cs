using Harness.Editing.Editors.FFt;

namespace Harness.Editing.Editors.FLora;

/// <summary>F-LoRA: F-Learning with LoRA in both parts; the change is a product of twice the rank.</summary>
internal sealed class FLoraEditor(FLoraOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor =>
        EditorDescriptor.Of<FLoraOptions>("f-lora", options => new FLoraEditor(options)) with { Open = OpenOption.OldKnowledge };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests) =>
        FLearning.Run(session, requests, options, options.Settings, options.Settings);
}
