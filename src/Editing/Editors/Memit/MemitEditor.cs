using Harness.Editing.Locating;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Memit;

/// <summary>
/// MEMIT: wanted residual streams z behind the last layer for all requests at once, then layer by layer the least-squares change that moves
/// the streams a share of the rest of the way.
/// </summary>
internal sealed class MemitEditor(MemitOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return Batches.Run(session, requests, Update(session, "memit", options));
    }

    /// <summary>MEMIT at work on a session.</summary>
    internal static SpreadingUpdate Update(EditSession session, string editor, MemitOptions options) =>
        new(session, editor, options, (layer, keys_NI) => LeastSquares.Solve(session, editor, layer, options.CovarianceWeight, keys_NI));
}
