// N = tokens that are read, I = inputs of a matrix, O = its outputs.
using Harness.Editing.Gradients;
using Harness.Editing.Hypernetworks;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Mend;

/// <summary>
/// MEND: a trained network turns the two factors of the fine-tuning gradient, keys and output gradients, into those of an edit.
/// </summary>
internal sealed class MendEditor(MendOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        var training = options.Training;
        using var network = Hypernetwork.Load(session, training.Settings);
        var reader = new GradientReader(session, network.Matrices, training.Tokens);
        return GradientEdits.Run(session, requests, options.BatchSize, training.AppendEos, reader, network.Matrices, reading =>
            [.. reading.Matrices.Select((read, matrix) => Change(network, matrix, read))]);
    }

    /// <summary>−α Σ δ̃ ũᵀ over the tokens whose gradient is not 0.</summary>
    /// <returns>[O, I] with the network's graph, owned by the caller's dispose scope.</returns>
    internal static Tensor Change(Hypernetwork network, int matrix, TokenGradients read)
    {
        using var scope = NewDisposeScope();
        var (keys_NI, gradients_NO) = network.Transform(matrix, read.NotZero());
        return gradients_NO.t().matmul(keys_NI).mul(network.Rates_M[matrix].neg()).MoveToOuterDisposeScope();
    }
}
