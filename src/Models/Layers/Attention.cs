// B = batch, T = positions, D = model width, H = query heads, K = key and value heads, G = H / K, d = head width,
// g = heads in a group, S = g·T, N = B·H / g.
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>
/// Causal self-attention with rotary positions; each of K key and value heads serves G query heads (Ainslie et al. 2023).
/// </summary>
internal sealed class Attention(TransformerConfig config, Projection query, Projection key, Projection value, Projection output)
{
    public Tensor Apply(Tensor normed_BTD, PositionTables tables)
    {
        using var scope = NewDisposeScope();
        var (batch, positions) = (normed_BTD.shape[0], normed_BTD.shape[1]);
        var (heads, shared, width) = (config.Heads, config.KeyValueHeads, config.HeadWidth);
        var (groups, rows) = (batch * heads / tables.HeadsInGroup, positions * tables.HeadsInGroup);

        var query_NSd = Flatten(Rotate(Split(query.Apply(normed_BTD), heads), tables.QueryCosine_T1d, tables.QuerySine_T1d));
        var key_NSd = Flatten(Rotate(Split(key.Apply(normed_BTD), shared), tables.KeyCosine_T1d, tables.KeySine_T1d));
        var value_NSd = Flatten(Split(value.Apply(normed_BTD), shared));
        var weights_NSS = query_NSd.bmm(key_NSd.transpose(1, 2)).add_(tables.CausalMask_SS).softmax(-1);
        var mixed_BHTd = weights_NSS.bmm(value_NSd).view(batch, heads, positions, width);
        return output.Apply(mixed_BHTd.transpose(1, 2).reshape(batch, positions, heads * width)).MoveToOuterDisposeScope();

        Tensor Split(Tensor projected, long count) => projected.view(batch, positions, count, width);

        // One copy brings [B, T, heads, d] to [N, S, d], repeating shared heads on the way.
        Tensor Flatten(Tensor split)
        {
            var perHead = split.transpose(1, 2);
            if (split.shape[2] != heads) perHead = perHead.unsqueeze(2).expand(batch, shared, heads / shared, positions, width);
            return perHead.reshape(groups, rows, width);
        }

        Tensor Rotate(Tensor split, Tensor cosine_T1d, Tensor sine_T1d) =>
            split.mul(cosine_T1d).addcmul_(split.roll(width / 2, -1), sine_T1d, 1);
    }
}
