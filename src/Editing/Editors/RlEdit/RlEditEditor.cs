// N = tokens that are read, I = inputs of a matrix, O = its outputs.
using Harness.Editing.Gradients;
using Harness.Editing.Hypernetworks;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.RlEdit;

/// <summary>
/// RLEdit: a hypernetwork, trained over whole sequences of edits, says for every token by how much a matrix's output is to move; least
/// squares make one change of a turn's tokens (MALMEN).
/// </summary>
internal sealed class RlEditEditor(RlEditOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var training = options.Training;
        using var network = Hypernetwork.Load(session, training.Settings);
        var reader = new GradientReader(session, network.Matrices, training.Tokens);
        return GradientEdits.Run(session, requests, options.BatchSize, training.AppendEos, reader, network.Matrices, reading =>
        {
            network.Observe(reading.Matrices);
            return [.. reading.Matrices.Select((read, matrix) => Change(network, matrix, read))];
        });
    }

    /// <summary>ΔW of (KᵀK + e^λ) ΔWᵀ = KᵀV with rows v = −η (k·k̃) g̃.</summary>
    /// <returns>[O, I] float64 with the network's graph, owned by the caller's dispose scope.</returns>
    internal static Tensor Change(Hypernetwork network, int matrix, TokenGradients read)
    {
        using var scope = NewDisposeScope();
        var (keys_NI, gradients_NO) = network.Transform(matrix, read);
        var values_NO = gradients_NO * (read.Keys_NI * keys_NI).sum(1L, keepdim: true) * network.Rates_M[matrix].neg();
        return RidgeSolution.Of(read.Keys_NI, values_NO, network.Ridge(matrix)).MoveToOuterDisposeScope();
    }
}
