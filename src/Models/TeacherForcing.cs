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
    /// <summary>
    /// Runs the model over all sequences. Batches hold sequences of equal length in the given order and are a function of the sequences
    /// alone, so the same sequences give the same bits before and after an edit, and nothing depends on padding.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">Sequences of any lengths.</param>
    /// <param name="batchTokens">Most tokens in one batch, at least one sequence. Default 8192: bounds memory.</param>
    /// <returns>One answer per sequence, in the given order.</returns>
    public static IReadOnlyList<ForcedAnswer> Run(Transformer model, IReadOnlyList<Sequence> sequences, int batchTokens = 8192)
    {
        using var gradientless = no_grad();
        var answers = new ForcedAnswer[sequences.Count];
        foreach (var bucket in Enumerable.Range(0, sequences.Count).GroupBy(i => sequences[i].Ids.Length).OrderBy(group => group.Key))
        {
            foreach (var rows in bucket.Chunk(Math.Max(1, batchTokens / bucket.Key)))
            {
                var batch = RunBatch(model, [.. rows.Select(i => sequences[i])]);
                for (var i = 0; i < rows.Length; i++) answers[rows[i]] = batch[i];
            }
        }

        return answers;
    }

    private static ForcedAnswer[] RunBatch(Transformer model, Sequence[] sequences)
    {
        using var scope = NewDisposeScope();
        var batch = new TokenBatch(sequences);
        var hidden_BTD = model.Run(model.Embed(batch.Tokens_BT), 0, model.Config.Layers);
        var logits_NV = model.Head(TokenBatch.Select(hidden_BTD, batch.TargetRows_N));
        var argmax_N = logits_NV.argmax(-1).data<long>().ToArray();
        var nll_N = nn.functional.cross_entropy(logits_NV, batch.TargetLabels_N, reduction: nn.Reduction.None).data<float>().ToArray();

        var next = 0;
        return Array.ConvertAll(sequences, sequence =>
        {
            var (from, count) = (next, sequence.TargetLength);
            next += count;
            return new ForcedAnswer(
                Array.ConvertAll(argmax_N[from..next], id => (int)id),
                nll_N.Skip(from).Take(count).Average(value => (double)value));
        });
    }
}
