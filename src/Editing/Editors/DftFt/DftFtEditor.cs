using Harness.Editing.Arithmetic;

namespace Harness.Editing.Editors.DftFt;

/// <summary>DFT whose two changes come from fine-tuning all weights.</summary>
internal sealed class DftFtEditor(DftFtOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests) =>
        DftRounds.Run(session, requests, options, () => new FullTuning(session, options));
}
