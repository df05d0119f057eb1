using Harness.Editing.Editors.DftFt;

namespace Harness.Editing.Editors.DftLora;

/// <summary>
/// DFT whose two changes are merged low-rank products; the mask makes the result dense on the adapted projections.
/// </summary>
internal sealed class DftLoraEditor(DftLoraOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor =>
        EditorDescriptor.Of<DftLoraOptions>("dft-lora", options => new DftLoraEditor(options)) with { Open = OpenOption.OldKnowledge };

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests) =>
        DftRounds.Run(session, requests, options, options.Settings);
}
