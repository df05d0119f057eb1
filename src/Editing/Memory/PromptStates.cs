// N = prompts, T = positions, W = numbers read for each prompt, D = model width.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Memory;

/// <summary>What prompts look like inside a model: the vectors by which a memory is found again.</summary>
internal static class PromptStates
{
    private const int RowsPerPass = 128;

    /// <summary>Ids of a bare prompt: the tokenizer's prefix, then the text's.</summary>
    public static int[] Ids(EditSession session, string prompt) => [.. session.Tokenizer.Prefix, .. session.Tokenizer.EncodeToIds(prompt)];

    /// <summary>The residual stream behind a layer, mean over a prompt's positions and scaled to length 1.</summary>
    /// <returns>[N, D] float32 on the CPU; the caller's dispose scope owns it.</returns>
    public static Tensor Directions(Transformer model, IReadOnlyList<int[]> prompts, int layer)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var means_ND = Means(model, prompts, layer);
        return (means_ND / means_ND.pow(Held(2)).sum(1L).sqrt().unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <summary>The residual stream behind a layer, mean over a prompt's positions.</summary>
    /// <returns>[N, D] float32 on the CPU; the caller's dispose scope owns it.</returns>
    public static Tensor Means(Transformer model, IReadOnlyList<int[]> prompts, int layer) =>
        Read(model, prompts, model.Config.Width, tokens_NT => model.Run(model.Embed(tokens_NT), 0, layer + 1).mean([1L]));

    /// <summary>Reads some numbers of each prompt, prompts of equal length together, without gradients.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Ids of each.</param>
    /// <param name="width">W.</param>
    /// <param name="read">[N, T] Int64 ids of some prompts to their [N, W] float32.</param>
    /// <returns>[N, W] float32 on the CPU, in the order of <paramref name="prompts"/>; the caller's dispose scope owns it.</returns>
    public static Tensor Read(Transformer model, IReadOnlyList<int[]> prompts, int width, Func<Tensor, Tensor> read)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var all_NW = zeros([prompts.Count, width]);
        foreach (var rows in SameLengths(prompts).SelectMany(group => group.Chunk(RowsPerPass)))
        {
            using var inner = NewDisposeScope();
            all_NW.index_copy_(0, tensor(Array.ConvertAll(rows, row => (long)row)),
                read(Tokens(model, [.. rows.Select(row => prompts[row])])).cpu());
        }

        return all_NW.MoveToOuterDisposeScope();
    }

    /// <summary>Numbers of the prompts of each length, shortest first.</summary>
    public static IEnumerable<int[]> SameLengths(IReadOnlyList<int[]> prompts) =>
        Enumerable.Range(0, prompts.Count).GroupBy(i => prompts[i].Length).OrderBy(group => group.Key).Select(group => group.ToArray());

    /// <summary>[N, T] Int64 ids of prompts of one length, on the model's device.</summary>
    public static Tensor Tokens(Transformer model, IReadOnlyList<int[]> prompts) =>
        tensor(prompts.SelectMany(ids => ids).Select(id => (long)id).ToArray(), [prompts.Count, prompts[0].Length], device: model.Device);
}
