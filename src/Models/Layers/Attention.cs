// B = batch, T = positions, D = model width, H = query heads, K = key and value heads, G = H / K, d = head width,
// g = heads in a group, S = g·T, N = B·H / g; L = last positions, those whose output is wanted; with a cache, C = cached positions, T of
// them new.
using Harness.Models.Generation;
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>Causal self-attention; each of K key and value heads serves G query heads (Ainslie et al. 2023).</summary>
internal sealed class Attention(
    TransformerConfig config, Projection query, Projection key, Projection value, Projection output, Norm? queryNorm, Norm? keyNorm)
{
    private readonly double scale = 1 / Math.Sqrt(config.HeadWidth);

    /// <summary>Attention over whole sequences from their first position: [B, T, D] to [B, L, D].</summary>
    /// <param name="normed_BTD">[B, T, D].</param>
    /// <param name="tables">Tables of T positions.</param>
    /// <param name="last">L, 1 to T.</param>
    public Tensor Apply(Tensor normed_BTD, PositionTables tables, long last)
    {
        using var scope = NewDisposeScope();
        var (batch, positions) = (normed_BTD.shape[0], normed_BTD.shape[1]);
        var (heads, shared, width) = (config.Heads, config.KeyValueHeads, config.HeadWidth);
        var groups = batch * heads / tables.HeadsInGroup;

        var (query_BLHd, key_BTKd, value_BTKd) = Project(normed_BTD, tables.Rotary, last);
        var scores = Flatten(query_BLHd).bmm(Flatten(key_BTKd).transpose(1, 2));
        if (tables.AlibiMask_HTT is { } alibi_HTT) scores.view(batch, heads, last, positions).PlusInPlace(alibi_HTT.Last(1, last));
        else scores.PlusInPlace(tables.CausalMask(last));
        var mixed_BHLd = scores.softmax(-1).bmm(Flatten(value_BTKd)).view(batch, heads, last, width);
        return output.Apply(mixed_BHLd.transpose(1, 2).reshape(batch, last, heads * width)).MoveToOuterDisposeScope();

        // One copy brings [B, T, heads, d] to [N, S, d], repeating shared heads on the way.
        Tensor Flatten(Tensor split)
        {
            var perHead = split.transpose(1, 2);
            var count = split.shape[1];
            if (split.shape[2] != heads) perHead = perHead.unsqueeze(2).expand(batch, shared, heads / shared, count, width);
            return perHead.reshape(groups, count * tables.HeadsInGroup, width);
        }
    }

    /// <summary>Attention of new positions over themselves and what the cache holds; their keys and values enter the cache.</summary>
    /// <param name="normed_BTD">[B, T, D]: the new positions.</param>
    /// <param name="cache">What earlier steps left.</param>
    /// <param name="layer">The layer's number.</param>
    /// <param name="last">L, 1 to T.</param>
    /// <returns>[B, L, D].</returns>
    public Tensor Apply(Tensor normed_BTD, KeyValueCache cache, int layer, long last)
    {
        using var scope = NewDisposeScope();
        var batch = normed_BTD.shape[0];
        var (heads, shared, width) = (config.Heads, config.KeyValueHeads, config.HeadWidth);
        var (query_BLHd, key_BTKd, value_BTKd) = Project(normed_BTD, cache.Rotary, last);
        var (keys_BKCd, values_BKCd) = cache.Append(layer, key_BTKd.transpose(1, 2), value_BTKd.transpose(1, 2));

        // Query heads of one key head lie next to each other: [B, H, L, d] is [B, K, G·L, d].
        var query_BKXd = query_BLHd.transpose(1, 2).reshape(batch, shared, heads / shared * last, width);
        var scores_BHLC = query_BKXd.matmul(keys_BKCd.transpose(2, 3)).view(batch, heads, last, -1).PlusInPlace(cache.Mask.Last(2, last));
        var mixed_BKXd = scores_BHLC.softmax(-1).view(batch, shared, heads / shared * last, -1).matmul(values_BKCd);
        var mixed_BLX = mixed_BKXd.view(batch, heads, last, width).transpose(1, 2).reshape(batch, last, heads * width);
        return output.Apply(mixed_BLX).MoveToOuterDisposeScope();
    }

    // Queries come scaled by 1/√d.
    private (Tensor Query_BLHd, Tensor Key_BTKd, Tensor Value_BTKd) Project(Tensor normed_BTD, RotaryTable? rotary, long last)
    {
        var query_BLHd = Split(query, normed_BTD.Last(1, last), config.Heads);
        var key_BTKd = Split(key, normed_BTD, config.KeyValueHeads);
        if (queryNorm is not null) query_BLHd = queryNorm.Apply(query_BLHd);
        if (keyNorm is not null) key_BTKd = keyNorm.Apply(key_BTKd);
        query_BLHd = rotary is null ? query_BLHd.mul(Held(scale)) : rotary.Query(query_BLHd);
        if (rotary is not null) key_BTKd = rotary.Key(key_BTKd);
        return (query_BLHd, key_BTKd, Split(value, normed_BTD, config.KeyValueHeads));

        Tensor Split(Projection projection, Tensor input, long count) =>
            projection.Apply(input).view(input.shape[0], input.shape[1], count, config.HeadWidth);
    }
}
