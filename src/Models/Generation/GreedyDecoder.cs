// B = batch, T = positions, D = model width.
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Models.Generation;

/// <summary>Continues prompts with the likeliest token, again and again.</summary>
public static class GreedyDecoder
{
    private const int BatchTokens = 8192;

    // Keys and values of a batch: a large model decodes fewer prompts at once.
    private const long CacheBytes = 1L << 29;

    /// <summary>Continues one prompt; see the overload for many.</summary>
    public static IReadOnlyList<int> Decode(
        Transformer model, IReadOnlyList<int> prompt, int maxNewTokens, Func<IReadOnlyList<int>, bool> stop) =>
        Decode(model, [prompt], maxNewTokens, stop)[0];

    /// <summary>Continues each prompt until <paramref name="stop"/> says so, or until it has no room left.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Ids, BOS included; at least one each. Shorter prompts of a batch are padded on the left.</param>
    /// <param name="maxNewTokens">Most new ids; fewer where the model's positions end.</param>
    /// <param name="stop">Is given the new ids so far, the latest included, after each; true ends this prompt. See
    /// <see cref="StopAt"/>.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <returns>The new ids of each prompt, in the given order, with the id at which it stopped.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Decode(
        Transformer model, IReadOnlyList<IReadOnlyList<int>> prompts, int maxNewTokens, Func<IReadOnlyList<int>, bool> stop,
        CancellationToken cancellation = default)
    {
        using var gradientless = no_grad();
        var answers = new List<int>[prompts.Count];
        var config = model.Config;
        var bytesPerToken = 2L * sizeof(float) * config.Layers * config.KeyValueHeads * config.HeadWidth;
        var batchTokens = Math.Min(BatchTokens, CacheBytes / bytesPerToken);
        int[] byLength = [.. Enumerable.Range(0, prompts.Count).OrderBy(i => prompts[i].Count)];
        for (var start = 0; start < byLength.Length;)
        {
            // Ascending lengths: the last row of a batch is its longest.
            var end = start + 1;
            while (end < byLength.Length && (end + 1 - start) * (prompts[byLength[end]].Count + maxNewTokens) <= batchTokens) end++;
            var rows = byLength[start..end];
            foreach (var (row, answer) in rows.Zip(DecodeBatch(model, [.. rows.Select(i => prompts[i])], maxNewTokens, stop, cancellation)))
                answers[row] = answer;
            start = end;
        }

        return answers;
    }

    /// <summary>A stop rule: an id that ends generation, or a text that contains one of some strings.</summary>
    public static Func<IReadOnlyList<int>, bool> StopAt(BpeTokenizer tokenizer, params string[] texts) => ids =>
        tokenizer.StopIds.Contains(ids[^1])
        || (texts.Length > 0 && tokenizer.Decode(ids) is var text && texts.Any(wanted => text.Contains(wanted, StringComparison.Ordinal)));

    private static List<int>[] DecodeBatch(
        Transformer model, IReadOnlyList<int>[] prompts, int maxNewTokens, Func<IReadOnlyList<int>, bool> stop,
            CancellationToken cancellation)
    {
        var answers = Array.ConvertAll(prompts, _ => new List<int>());
        var longest = prompts.Max(prompt => prompt.Count);
        var rooms = Array.ConvertAll(prompts, prompt => Math.Min(maxNewTokens, model.Config.MaxPositions - prompt.Count + 1));
        int[] paddings = Array.ConvertAll(prompts, prompt => longest - prompt.Count);

        // Rows of the batch, and those of them that are still open.
        int[] rows = [.. Enumerable.Range(0, prompts.Length)];
        HashSet<int> open = [.. rows.Where(row => rooms[row] > 0)];
        var inputs = Array.ConvertAll(
            prompts, prompt => (long[])[.. Enumerable.Repeat(0L, longest - prompt.Count), .. prompt.Select(id => (long)id)]);
        var cache = new KeyValueCache(model, paddings, longest + maxNewTokens);
        try
        {
            while (open.Count > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                var next = Next(model, [.. rows.Select(row => inputs[row])], cache);
                for (var i = 0; i < rows.Length; i++)
                {
                    var row = rows[i];
                    inputs[row] = [next[i]];
                    if (!open.Contains(row)) continue;
                    answers[row].Add(next[i]);
                    if (answers[row].Count == rooms[row] || stop(answers[row])) open.Remove(row);
                }

                // A batch goes on without its closed rows once they are half of it.
                if (open.Count == 0 || 2 * open.Count > rows.Length) continue;
                int[] kept = [.. Enumerable.Range(0, rows.Length).Where(i => open.Contains(rows[i]))];
                var smaller = cache.Select(model, kept);
                cache.Dispose();
                (cache, rows) = (smaller, [.. kept.Select(i => rows[i])]);
            }
        }
        finally
        {
            cache.Dispose();
        }

        return answers;
    }

    private static int[] Next(Transformer model, long[][] inputs, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        var tokens_BT = tensor(inputs.SelectMany(row => row).ToArray(), [inputs.Length, inputs[0].Length], device: model.Device);
        var hidden_BTD = model.Step(tokens_BT, cache);
        var last_BD = hidden_BTD.select(1, inputs[0].Length - 1);
        return Array.ConvertAll(model.Head(last_BD).argmax(-1).cpu().data<long>().ToArray(), id => (int)id);
    }
}
