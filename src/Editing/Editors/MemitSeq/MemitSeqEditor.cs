using Harness.Editing.Editors.Memit;
using Harness.Editing.Locating;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.MemitSeq;

/// <summary>MEMIT-seq: MEMIT whose least squares also hold on to the keys of all earlier batches, (λC + C_prev + K Kᵀ)⁻¹ K.</summary>
internal sealed class MemitSeqEditor(MemitSeqOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Locating<MemitSeqOptions>(
        "memit-seq", options => new MemitSeqEditor(options), options => options.Layers, open: OpenOption.Layers("layers", 4, 8));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var past = new KeyMemory(options.Layers, session.Model.Config.MlpWidth);
        return Batches.Run(session, requests, new SpreadingUpdate(session, "memit-seq", options, Solve) { Memory = past });

        Tensor Solve(int layer, Tensor keys_NI) =>
            LeastSquares.Solve(session, "memit-seq", layer, options.CovarianceWeight, keys_NI, past.Of(layer));
    }
}
