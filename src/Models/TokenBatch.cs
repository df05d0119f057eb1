// B = batch, T = positions, L = last positions, D = model width, N = target tokens, M = prompt tokens.
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>
/// Token ids of one example: the tokenizer's prefix and the prompt, then the target from <paramref name="TargetStart"/> to the end.
/// </summary>
/// <param name="Ids">All ids; nothing predicts the first.</param>
/// <param name="TargetStart">Index of the first target id, 1 to the number of ids − 1.</param>
public sealed record Sequence(int[] Ids, int TargetStart)
{
    /// <summary>Index of the first target id.</summary>
    public int TargetStart { get; } = TargetStart >= 1 && TargetStart < Ids.Length
        ? TargetStart
        : throw new ArgumentOutOfRangeException(
            nameof(TargetStart), $"the target starts at {TargetStart} of {Ids.Length} tokens; expected 1 to {Ids.Length - 1}");

    /// <summary>Number of target ids, at least 1.</summary>
    public int TargetLength => Ids.Length - TargetStart;
}

/// <summary>
/// Sequences as tensors, right-padded. T is the longest sequence's length − 1: a last token is a label and never an input. The batch
/// belongs to the dispose scope in which it was made, and can be disposed before.
/// </summary>
public sealed class TokenBatch : IDisposable
{
    /// <summary>Puts sequences, of any lengths, into one batch on a device; null is the CPU.</summary>
    public TokenBatch(IReadOnlyList<Sequence> sequences, Device? device = null)
    {
        if (sequences.Count == 0) throw new ArgumentException("a batch needs at least one sequence", nameof(sequences));
        var positions = sequences.Max(sequence => sequence.Ids.Length) - 1;
        var tokens = new long[sequences.Count * positions];
        var (targetRows, targetLabels) = (new List<long>(), new List<long>());
        var (promptRows, promptLabels) = (new List<long>(), new List<long>());
        for (var row = 0; row < sequences.Count; row++)
        {
            var (ids, start) = (sequences[row].Ids, row * positions);
            for (var position = 0; position < ids.Length - 1; position++)
            {
                tokens[start + position] = ids[position];
                var isTarget = position + 1 >= sequences[row].TargetStart;
                (isTarget ? targetRows : promptRows).Add(start + position);
                (isTarget ? targetLabels : promptLabels).Add(ids[position + 1]);
            }
        }

        Sequences = sequences;
        Tokens_BT = tensor(tokens, [sequences.Count, positions], device: device);
        (TargetRows_N, TargetLabels_N) = (tensor(targetRows.ToArray(), device: device), tensor(targetLabels.ToArray(), device: device));
        (PromptRows_M, PromptLabels_M) = (tensor(promptRows.ToArray(), device: device), tensor(promptLabels.ToArray(), device: device));
    }

    /// <summary>What the batch was made of.</summary>
    public IReadOnlyList<Sequence> Sequences { get; }

    /// <summary>[B, T] Int64 ids; 0 behind a sequence's last input.</summary>
    public Tensor Tokens_BT { get; }

    /// <summary>[N] Int64: b·T + t of every position whose next token is a target, in sequence order.</summary>
    public Tensor TargetRows_N { get; }

    /// <summary>[N] Int64: the target ids.</summary>
    public Tensor TargetLabels_N { get; }

    /// <summary>[M] Int64: b·T + t of every position whose next token belongs to the prompt; BOS is not predicted.</summary>
    public Tensor PromptRows_M { get; }

    /// <summary>[M] Int64: the prompt ids, without BOS.</summary>
    public Tensor PromptLabels_M { get; }

    /// <summary>How many last positions hold all that predict targets.</summary>
    public long LastPositions => Tokens_BT.shape[1] - Sequences.Min(sequence => sequence.TargetStart) + 1;

    /// <summary>
    /// <see cref="TargetRows_N"/> where only the last positions were run: b·L + l, [N] Int64, in the caller's dispose scope.
    /// </summary>
    /// <param name="last">L, <see cref="LastPositions"/> to T.</param>
    public Tensor TargetRows(long last)
    {
        var skipped = Tokens_BT.shape[1] - last;
        if (skipped == 0) return TargetRows_N.alias();
        var rows = Sequences.SelectMany((sequence, row) =>
            Enumerable.Range(sequence.TargetStart - 1, sequence.TargetLength).Select(position => (row * last) + position - skipped));
        return tensor(rows.ToArray(), device: Tokens_BT.device);
    }

    /// <summary>The hidden states at some rows.</summary>
    /// <param name="hidden_BTD">[B, T, D].</param>
    /// <param name="rows_N">[N] Int64, for example <see cref="TargetRows_N"/>.</param>
    /// <returns>[N, D].</returns>
    public static Tensor Select(Tensor hidden_BTD, Tensor rows_N)
    {
        using var flat_RD = hidden_BTD.reshape(-1, hidden_BTD.shape[2]);
        return flat_RD.index_select(0, rows_N);
    }

    public void Dispose()
    {
        Tokens_BT.Dispose();
        TargetRows_N.Dispose();
        TargetLabels_N.Dispose();
        PromptRows_M.Dispose();
        PromptLabels_M.Dispose();
    }
}
