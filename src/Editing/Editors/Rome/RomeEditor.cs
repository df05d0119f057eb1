using Harness.Editing.Locating;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Rome;

/// <summary>
/// ROME: one rank-one change of one down-projection for each request, in order, each made on the model that the earlier ones left. It is
/// directed by the mean key over contexts and measured at the plain prompt's.
/// </summary>
internal sealed class RomeEditor(RomeOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return Batches.Run(session, requests, new RankOneUpdate(session, "rome", options, RankOneKey.Mixed));
    }
}
