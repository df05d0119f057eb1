// N = prompts, B = batch, T = positions, K = key width, D = model width.
using Harness.Editing.Memory;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Grace;

/// <summary>The place that a codebook is wrapped around: read, and written.</summary>
/// <param name="site">Down-projection or layer.</param>
/// <param name="wanted">Number of the layer.</param>
/// <param name="change">Makes what takes an output's place; null only looks.</param>
internal sealed class GraceActivations(GraceSite site, int wanted, Func<Tensor, Tensor>? change) : IActivationHook
{
    private Tensor? key_ND;
    private Tensor? output_ND;

    /// <summary>Width of a key.</summary>
    public static int KeyWidth(Transformer model, GraceSite site) =>
        site == GraceSite.DownProjection ? model.Config.MlpWidth : model.Config.Width;

    /// <summary>Input and output of the place at each prompt's last token, one array for each prompt.</summary>
    public static IReadOnlyList<(float[] Key, float[] Output)> Read(
        Transformer model, IReadOnlyList<int[]> prompts, GraceSite site, int layer)
    {
        if (prompts.Count == 0) return [];
        using var scope = NewDisposeScope();
        var (keyWidth, width) = (KeyWidth(model, site), model.Config.Width);
        var all_NW = PromptStates.Read(model, prompts, keyWidth + width, tokens_NT =>
        {
            var hidden_NTD = model.Run(model.Embed(tokens_NT), 0, layer);
            var reader = new GraceActivations(site, layer, null);
            var output_NTD = model.Run(hidden_NTD, layer, layer + 1, reader);
            return site == GraceSite.DownProjection
                ? cat([reader.key_ND!, reader.output_ND!], 1)
                : cat([Last(hidden_NTD), Last(output_NTD)], 1);
        });
        var numbers = all_NW.data<float>().ToArray();
        return [.. numbers.Chunk(keyWidth + width).Select(row => (row[..keyWidth], row[keyWidth..]))];
    }

    /// <summary>Whether the output of a position is replaced.</summary>
    /// <param name="replacement">Rule.</param>
    /// <param name="position">From 0.</param>
    /// <param name="promptLength">Ids of the prompt.</param>
    public static bool Replaces(GraceReplacement replacement, int position, int promptLength) => replacement switch
    {
        GraceReplacement.Last => position == promptLength - 1,
        GraceReplacement.Prompt => position < promptLength - 1,
        _ => true,
    };

    /// <inheritdoc/>
    public Tensor DownProjectionInput(int layer, Tensor key_BTI)
    {
        if (layer == wanted && change is null)
            key_ND = Last(key_BTI);
        return key_BTI;
    }

    /// <inheritdoc/>
    public Tensor MlpOutput(int layer, Tensor value_BTD)
    {
        if (layer != wanted || site != GraceSite.DownProjection)
            return value_BTD;
        if (change is not null)
            return change(value_BTD);
        output_ND = Last(value_BTD);
        return value_BTD;
    }

    /// <inheritdoc/>
    public Tensor LayerOutput(int layer, Tensor hidden_BTD) =>
        layer == wanted && site == GraceSite.Layer && change is not null ? change(hidden_BTD) : hidden_BTD;

    private static Tensor Last(Tensor all_BTD) => all_BTD.select(1, all_BTD.shape[1] - 1).clone();
}
