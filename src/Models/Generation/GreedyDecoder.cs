// B = batch, T = positions, D = model width.
using static TorchSharp.torch;

namespace Harness.Models.Generation;

/// <summary>Continues prompts with the likeliest token, again and again.</summary>
public static class GreedyDecoder
{
    private const int BatchTokens = 8192;

    /// <summary>Continues one prompt; see the overload for many.</summary>
    public static IReadOnlyList<int> Decode(
        Transformer model, IReadOnlyList<int> prompt, int maxNewTokens, Func<IReadOnlyList<int>, bool> stop) =>
        Decode(model, [prompt], maxNewTokens, stop)[0];

    /// <summary>Continues each prompt until <paramref name="stop"/> says so, or until it has no room left.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Ids, BOS included; at least one each. Prompts of equal length share batches.</param>
    /// <param name="maxNewTokens">Most new ids; fewer where the model's positions end.</param>
    /// <param name="stop">Is given the new ids so far, the latest included, after each; true ends this prompt.</param>
    /// <returns>The new ids of each prompt, in the given order, with the id at which it stopped.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Decode(
        Transformer model, IReadOnlyList<IReadOnlyList<int>> prompts, int maxNewTokens, Func<IReadOnlyList<int>, bool> stop)
    {
        using var gradientless = no_grad();
        var answers = new List<int>[prompts.Count];
        foreach (var bucket in Enumerable.Range(0, prompts.Count).GroupBy(i => prompts[i].Count).OrderBy(group => group.Key))
        {
            foreach (var rows in bucket.Chunk(Math.Max(1, BatchTokens / (bucket.Key + maxNewTokens))))
            {
                var batch = DecodeBatch(model, [.. rows.Select(i => prompts[i])], maxNewTokens, stop);
                for (var i = 0; i < rows.Length; i++) answers[rows[i]] = batch[i];
            }
        }

        return answers;
    }

    private static List<int>[] DecodeBatch(
        Transformer model, IReadOnlyList<int>[] prompts, int maxNewTokens, Func<IReadOnlyList<int>, bool> stop)
    {
        var answers = Array.ConvertAll(prompts, _ => new List<int>());
        var room = Math.Min(maxNewTokens, model.Config.MaxPositions - prompts[0].Count + 1);
        var open = Enumerable.Range(0, prompts.Length).ToArray();
        for (var step = 0; step < room && open.Length > 0; step++)
        {
            var next = NextTokens(model, [.. open.Select(i => (long[])[.. prompts[i].Concat(answers[i]).Select(id => (long)id)])]);
            for (var i = 0; i < open.Length; i++) answers[open[i]].Add(next[i]);
            open = Array.FindAll(open, i => !stop(answers[i]));
        }

        return answers;
    }

    private static int[] NextTokens(Transformer model, long[][] rows)
    {
        using var scope = NewDisposeScope();
        var tokens_BT = tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
        var hidden_BTD = model.Run(model.Embed(tokens_BT), 0, model.Config.Layers);
        var last_BD = hidden_BTD.select(1, rows[0].Length - 1);
        return Array.ConvertAll(model.Head(last_BD).argmax(-1).data<long>().ToArray(), id => (int)id);
    }
}
