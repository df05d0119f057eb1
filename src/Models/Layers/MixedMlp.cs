// B = batch, T = positions, D = model width, E = experts, N = B·T tokens, k = active experts, M = tokens of one expert.
using static TorchSharp.torch;

namespace Harness.Models.Layers;

/// <summary>
/// Σ over a token's k likeliest experts of p · expert(x), plus σ(g·x) · shared(x), p being the router's softmax over all experts
/// (Qwen1.5-MoE).
/// </summary>
internal sealed class MixedMlp(ExpertMixture mixture, Projection router, IReadOnlyList<Mlp> experts, Mlp shared, Projection sharedGate)
{
    /// <summary>[B, T, D] to [B, T, D].</summary>
    public Tensor Apply(Tensor normed_BTD)
    {
        using var scope = NewDisposeScope();
        var tokens_ND = normed_BTD.reshape(-1, normed_BTD.shape[2]);
        var (weights_Nk, chosen_Nk) = router.Apply(tokens_ND).softmax(-1).topk(mixture.Active);
        if (mixture.Normalise) weights_Nk = weights_Nk / weights_Nk.sum(-1L, keepdim: true);
        var weights_X1 = weights_Nk.reshape(-1, 1);
        var chosen = chosen_Nk.cpu().reshape(-1).data<long>().ToArray();

        var sum_ND = zeros_like(tokens_ND);
        foreach (var group in Enumerable.Range(0, chosen.Length).GroupBy(slot => chosen[slot]).OrderBy(group => group.Key))
        {
            var slots_M = tensor(group.Select(slot => (long)slot).ToArray(), device: tokens_ND.device);
            var rows_M = tensor(group.Select(slot => (long)slot / mixture.Active).ToArray(), device: tokens_ND.device);
            var one_MD = Run(experts[(int)group.Key], tokens_ND.index_select(0, rows_M)) * weights_X1.index_select(0, slots_M);
            sum_ND.index_add_(0, rows_M, one_MD, Held(1));
        }

        var shared_ND = Run(shared, tokens_ND) * sharedGate.Apply(tokens_ND).sigmoid();
        return sum_ND.Plus(shared_ND).view(normed_BTD.shape).MoveToOuterDisposeScope();
    }

    private static Tensor Run(Mlp mlp, Tensor input) => mlp.Value(mlp.Key(input));
}
