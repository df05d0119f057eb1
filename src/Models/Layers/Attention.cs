// B = batch, T = positions, D = model width, H = query heads, K = key and value heads, G = H / K, d = head width,
// g = heads in a group, S = g·T, N = B·H / g; with a cache, C = cached positions, T of them new.
using Harness.Models.Generation;
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>Causal self-attention; each of K key and value heads serves G query heads (Ainslie et al. 2023).</summary>
internal sealed class Attention(
    TransformerConfig config, Projection query, Projection key, Projection value, Projection output, Norm? queryNorm, Norm? keyNorm)
{
    private readonly double scale = 1 / Math.Sqrt(config.HeadWidth);

    /// <summary>Attention over whole sequences from their first position: [B, T, D] to [B, T, D].</summary>
    public Tensor Apply(Tensor normed_BTD, PositionTables tables)
    {
        using var scope = NewDisposeScope();
        var (batch, positions) = (normed_BTD.shape[0], normed_BTD.shape[1]);
        var (heads, shared, width) = (config.Heads, config.KeyValueHeads, config.HeadWidth);
        var (groups, rows) = (batch * heads / tables.HeadsInGroup, positions * tables.HeadsInGroup);

        var (query_BTHd, key_BTKd, value_BTKd) = Project(normed_BTD, tables.Rotary);
        var scores_NSS = Flatten(query_BTHd).bmm(Flatten(key_BTKd).transpose(1, 2));
        if (tables.AlibiMask_HTT is { } alibi_HTT) scores_NSS.view(batch, heads, positions, positions).add_(alibi_HTT);
        else scores_NSS.add_(tables.CausalMask_SS);
        var mixed_BHTd = scores_NSS.softmax(-1).bmm(Flatten(value_BTKd)).view(batch, heads, positions, width);
        return output.Apply(mixed_BHTd.transpose(1, 2).reshape(batch, positions, heads * width)).MoveToOuterDisposeScope();

        // One copy brings [B, T, heads, d] to [N, S, d], repeating shared heads on the way.
        Tensor Flatten(Tensor split)
        {
            var perHead = split.transpose(1, 2);
            if (split.shape[2] != heads) perHead = perHead.unsqueeze(2).expand(batch, shared, heads / shared, positions, width);
            return perHead.reshape(groups, rows, width);
        }
    }

    /// <summary>Attention of new positions over themselves and what the cache holds; their keys and values enter the cache.</summary>
    /// <param name="normed_BTD">[B, T, D]: the new positions.</param>
    /// <param name="cache">What earlier steps left.</param>
    /// <param name="layer">The layer's number.</param>
    /// <returns>[B, T, D].</returns>
    public Tensor Apply(Tensor normed_BTD, KeyValueCache cache, int layer)
    {
        using var scope = NewDisposeScope();
        var (batch, positions) = (normed_BTD.shape[0], normed_BTD.shape[1]);
        var (heads, shared, width) = (config.Heads, config.KeyValueHeads, config.HeadWidth);
        var (query_BTHd, key_BTKd, value_BTKd) = Project(normed_BTD, cache.Rotary);
        var (keys_BKCd, values_BKCd) = cache.Append(layer, key_BTKd.transpose(1, 2), value_BTKd.transpose(1, 2));

        // Query heads of one key head lie next to each other: [B, H, T, d] is [B, K, G·T, d].
        var query_BKXd = query_BTHd.transpose(1, 2).reshape(batch, shared, heads / shared * positions, width);
        var scores_BHTC = query_BKXd.matmul(keys_BKCd.transpose(2, 3)).view(batch, heads, positions, -1).add_(cache.Mask);
        var mixed_BKXd = scores_BHTC.softmax(-1).view(batch, shared, heads / shared * positions, -1).matmul(values_BKCd);
        var mixed_BTX = mixed_BKXd.view(batch, heads, positions, width).transpose(1, 2).reshape(batch, positions, heads * width);
        return output.Apply(mixed_BTX).MoveToOuterDisposeScope();
    }

    // Queries come scaled by 1/√d.
    private (Tensor Query_BTHd, Tensor Key_BTKd, Tensor Value_BTKd) Project(Tensor normed_BTD, RotaryTable? rotary)
    {
        var query_BTHd = Split(query, config.Heads);
        var key_BTKd = Split(key, config.KeyValueHeads);
        if (queryNorm is not null) query_BTHd = queryNorm.Apply(query_BTHd);
        if (keyNorm is not null) key_BTKd = keyNorm.Apply(key_BTKd);
        query_BTHd = rotary is null ? query_BTHd.mul(scale) : rotary.Query(query_BTHd);
        if (rotary is not null) key_BTKd = rotary.Key(key_BTKd);
        return (query_BTHd, key_BTKd, Split(value, config.KeyValueHeads));

        Tensor Split(Projection projection, long count) =>
            projection.Apply(normed_BTD).view(normed_BTD.shape[0], normed_BTD.shape[1], count, config.HeadWidth);
    }
}
