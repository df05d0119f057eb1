// B = batch, T = positions, D = model width, N = target tokens, V = vocabulary.
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>What a model says where it is forced through a sequence.</summary>
/// <param name="Argmax">The likeliest id at each target position.</param>
/// <param name="MeanNll">Mean negative log-likelihood of the target ids, in nats.</param>
public sealed record ForcedAnswer(int[] Argmax, double MeanNll);

/// <summary>One pass over sequences whose targets are given.</summary>
public static class TeacherForcing
{
    private const int WaveBytes = 1 << 26;

    /// <summary>
    /// Runs the model over all sequences. Batches hold sequences of equal length in the given order and are a function of the sequences
    /// alone, so the same sequences give the same bits before and after an edit, and nothing depends on padding.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">Sequences of any lengths.</param>
    /// <param name="batchTokens">Most tokens in one batch, at least one sequence. Default 8192: bounds memory.</param>
    /// <param name="cancellation">Looked at before every layer.</param>
    /// <returns>One answer per sequence, in the given order.</returns>
    public static IReadOnlyList<ForcedAnswer> Run(
        Transformer model, IReadOnlyList<Sequence> sequences, int batchTokens = 8192, CancellationToken cancellation = default)
    {
        var answers = new ForcedAnswer[sequences.Count];
        Each(model, sequences, batchTokens, (rows, batch, hidden_BTD) =>
        {
            foreach (var (row, answer) in rows.Zip(Answers(model, batch, hidden_BTD))) answers[row] = answer;
        }, cancellation);
        return answers;
    }

    /// <summary>
    /// The same pass, in the same batches, for whole distributions: shows the logits that predict each sequence's targets. The memory is
    /// that of one sequence's logits, 4·N·V bytes, beside what <see cref="Run"/> takes.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">Sequences of any lengths.</param>
    /// <param name="visit">
    /// Gets the index of a sequence and its logits, [N, V] float32, which are freed when it returns. Called once for each sequence, shorter
    /// sequences first.
    /// </param>
    /// <param name="batchTokens">As in <see cref="Run"/>.</param>
    /// <param name="cancellation">Looked at before every layer.</param>
    public static void Visit(
        Transformer model, IReadOnlyList<Sequence> sequences, Action<int, Tensor> visit, int batchTokens = 8192,
            CancellationToken cancellation = default) =>
        Each(model, sequences, batchTokens, (rows, batch, hidden_BTD) =>
        {
            using var scope = NewDisposeScope();
            using var selected_ND = TokenBatch.Select(hidden_BTD, batch.TargetRows_N);
            var next = 0L;
            foreach (var (row, sequence) in rows.Zip(batch.Sequences))
            {
                using var one = NewDisposeScope();
                visit(row, model.Head(selected_ND.narrow(0, next, sequence.TargetLength)));
                next += sequence.TargetLength;
            }
        }, cancellation);

    private static void Each(
        Transformer model, IReadOnlyList<Sequence> sequences, int batchTokens, Action<int[], TokenBatch, Tensor> take,
            CancellationToken cancellation)
    {
        if (sequences.Count == 0) return;
        using var gradientless = no_grad();
        var batches = Enumerable.Range(0, sequences.Count).GroupBy(i => sequences[i].Ids.Length).OrderBy(group => group.Key)
            .SelectMany(bucket => bucket.Chunk(Math.Max(1, batchTokens / bucket.Key))).ToList();

        // As many batches at once as their hidden states have room in memory: a streamed model's weights are read once for all of them.
        var room = Math.Max(batchTokens, WaveBytes / (sizeof(float) * model.Config.Width));
        for (var start = 0; start < batches.Count;)
        {
            var (end, tokens) = (start, 0);
            while (end < batches.Count && (end == start || tokens + Tokens(batches[end]) <= room)) tokens += Tokens(batches[end++]);
            RunWave(model, sequences, batches.GetRange(start, end - start), take, cancellation);
            start = end;
        }

        int Tokens(int[] rows) => rows.Length * sequences[rows[0]].Ids.Length;
    }

    private static void RunWave(
        Transformer model, IReadOnlyList<Sequence> sequences, List<int[]> wave, Action<int[], TokenBatch, Tensor> take,
            CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var batches = wave.ConvertAll(rows => new TokenBatch([.. rows.Select(i => sequences[i])], model.Device));
        var hidden = model.Run(batches.ConvertAll(batch => model.Embed(batch.Tokens_BT)), 0, model.Config.Layers, cancellation);
        for (var i = 0; i < wave.Count; i++)
        {
            take(wave[i], batches[i], hidden[i]);
            hidden[i].Dispose();
        }
    }

    private static ForcedAnswer[] Answers(Transformer model, TokenBatch batch, Tensor hidden_BTD)
    {
        using var scope = NewDisposeScope();
        var logits_NV = model.Head(TokenBatch.Select(hidden_BTD, batch.TargetRows_N));
        var argmax_N = logits_NV.argmax(-1).cpu().data<long>().ToArray();
        var nll_N = nn.functional.cross_entropy(logits_NV, batch.TargetLabels_N, reduction: nn.Reduction.None).cpu().data<float>()
            .ToArray();

        var next = 0;
        return [.. batch.Sequences.Select(sequence =>
        {
            var (from, count) = (next, sequence.TargetLength);
            next += count;
            return new ForcedAnswer(
                Array.ConvertAll(argmax_N[from..next], id => (int)id),
                nll_N.Skip(from).Take(count).Average(value => (double)value));
        })];
    }
}
