using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.RRome;

/// <summary>
/// r-ROME: ROME with the same key wherever its update has one, which is what keeps many edits in sequence from collapsing.
/// </summary>
internal sealed class RRomeEditor(RRomeOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Locating<RRomeOptions>(
        "r-rome", options => new RRomeEditor(options), options => [options.Layer], open: OpenOption.Layer("layer", 5));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return Batches.Run(session, requests, new RankOneUpdate(session, "r-rome", options, options.Key));
    }
}
