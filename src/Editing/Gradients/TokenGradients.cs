// N = tokens that were read, I = inputs of a matrix, O = its outputs.
using static TorchSharp.torch;

namespace Harness.Editing.Gradients;

/// <summary>Which tokens of an edit are read.</summary>
public enum ReadTokens
{
    /// <summary>The positions that predict the answer's tokens.</summary>
    Answer,

    /// <summary>Every position of prompt and answer.</summary>
    All,
}

/// <summary>
/// What one matrix reads at some tokens, and the gradient of the loss by what it gives there; float32 on the model's device.
/// </summary>
/// <param name="Keys_NI">Inputs, one row per token.</param>
/// <param name="Gradients_NO">Gradients by the outputs, row by row.</param>
internal sealed record TokenGradients(Tensor Keys_NI, Tensor Gradients_NO)
{
    /// <summary>[key; gradient], [N, I + O].</summary>
    public Tensor Pairs_NW => cat([Keys_NI, Gradients_NO], 1);

    /// <summary>The rows in which neither key nor gradient is all 0.</summary>
    public TokenGradients NotZero()
    {
        using var scope = NewDisposeScope();
        var rows = Keys_NI.ne(Held(0)).any(1).logical_and(Gradients_NO.ne(Held(0)).any(1)).nonzero().squeeze(1);
        return new(Keys_NI.index_select(0, rows).MoveToOuterDisposeScope(), Gradients_NO.index_select(0, rows).MoveToOuterDisposeScope());
    }

    /// <summary>Some of the rows, in the order given.</summary>
    public TokenGradients Rows(long[] rows)
    {
        using var rows_M = tensor(rows, device: Keys_NI.device);
        return new(Keys_NI.index_select(0, rows_M), Gradients_NO.index_select(0, rows_M));
    }
}

/// <summary>What a <see cref="GradientReader"/> read: for each matrix its tokens, sequence after sequence.</summary>
/// <param name="Matrices">In the order of the reader's matrices; all have the same tokens.</param>
/// <param name="Starts">For each sequence its first row, and at the end the number of rows.</param>
/// <param name="Loss">Mean of the sequences' losses, in nats.</param>
internal sealed record GradientReading(IReadOnlyList<TokenGradients> Matrices, IReadOnlyList<int> Starts, double Loss)
{
    /// <summary>The same of some of the sequences; the caller's dispose scope owns it.</summary>
    public IReadOnlyList<TokenGradients> Of(IReadOnlyList<int> sequences)
    {
        var rows = sequences.SelectMany(one => Enumerable.Range(Starts[one], Starts[one + 1] - Starts[one])).Select(row => (long)row)
            .ToArray();
        return [.. Matrices.Select(matrix => matrix.Rows(rows))];
    }
}
