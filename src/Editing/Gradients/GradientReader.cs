// B = batch, T = positions, D = model width, N = tokens that are read.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Gradients;

/// <summary>
/// Reads, for each of some matrices, the pairs of input and output gradient at the tokens of edits. The loss is the common one of each
/// sequence by itself, mean cross entropy on its answer, and the sequences' losses are added up: what is read of a sequence does not depend
/// on its company.
/// </summary>
/// <param name="session">The model, as it stands at each call.</param>
/// <param name="matrices">What is read; layers below the first of them are run without gradients.</param>
/// <param name="tokens">Which tokens are read.</param>
internal sealed class GradientReader(EditSession session, IReadOnlyList<EditedMatrix> matrices, ReadTokens tokens)
{
    // Sequences of similar length in one pass; it bounds memory and changes numbers by rounding only.
    private const int RowsPerPass = 64;

    /// <summary>Reads sequences at the model's present weights.</summary>
    /// <returns>Owned by the caller's dispose scope.</returns>
    public GradientReading Read(IReadOnlyList<Sequence> sequences)
    {
        using var scope = NewDisposeScope();
        var order = Enumerable.Range(0, sequences.Count).OrderBy(i => sequences[i].Ids.Length).ToArray();
        var passes = order.Chunk(RowsPerPass).Select(chunk => Pass([.. chunk.Select(i => sequences[i])])).ToList();

        // Back to the order of the sequences.
        var starts = new int[sequences.Count + 1];
        for (var i = 0; i < sequences.Count; i++)
            starts[i + 1] = starts[i] + Positions(sequences[i]).Count;
        var (read, next) = (new long[starts[^1]], 0L);
        foreach (var sequence in order)
        {
            for (var row = starts[sequence]; row < starts[sequence + 1]; row++)
                read[row] = next++;
        }

        var all = matrices.Select((_, matrix) => new TokenGradients(
            cat([.. passes.Select(pass => pass.Read[matrix].Keys_NI)]),
            cat([.. passes.Select(pass => pass.Read[matrix].Gradients_NO)])).Rows(read)).ToList();
        foreach (var (keys_NI, gradients_NO) in all)
        {
            keys_NI.MoveToOuterDisposeScope();
            gradients_NO.MoveToOuterDisposeScope();
        }

        return new(all, starts, passes.Sum(pass => pass.Loss) / sequences.Count);
    }

    private (IReadOnlyList<TokenGradients> Read, double Loss) Pass(IReadOnlyList<Sequence> sequences)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var model = session.Model;
        var batch = new TokenBatch(sequences, model.Device);
        var first = matrices.Min(matrix => matrix.Layer);
        var width = batch.Tokens_BT.shape[1];
        var rows_N = tensor(
            sequences.SelectMany((sequence, row) => Positions(sequence).Select(position => (row * width) + position)).ToArray(),
                device: model.Device);
        var probe = new OutputProbe(model, matrices, rows_N);
        var hidden_BTD = model.Run(Below(batch.Tokens_BT, first), first, model.Config.Layers, probe);
        var losses_M = TokenLoss.PerLabel(model, TokenBatch.Select(hidden_BTD, batch.TargetRows_N), batch.TargetLabels_N);
        var shares = sequences.SelectMany(sequence => Enumerable.Repeat(1f / sequence.TargetLength, sequence.TargetLength)).ToArray();
        var loss = losses_M.mul(tensor(shares, device: model.Device)).sum();
        var read = probe.Read(loss);
        // Two projections of a layer share their keys.
        foreach (var tensor in read.SelectMany(matrix => new[] { matrix.Keys_NI, matrix.Gradients_NO }).Distinct())
            tensor.MoveToOuterDisposeScope();
        return (read, loss.AsDouble());
    }

    private Tensor Below(Tensor tokens_BT, int layer)
    {
        using var guard = no_grad();
        return session.Model.Run(session.Model.Embed(tokens_BT), 0, layer);
    }

    // A last token is predicted only.
    private List<int> Positions(Sequence sequence)
    {
        var from = tokens == ReadTokens.Answer ? sequence.TargetStart - 1 : 0;
        return [.. Enumerable.Range(from, sequence.Ids.Length - 1 - from)];
    }
}
