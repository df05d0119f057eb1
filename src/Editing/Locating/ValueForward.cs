// N = requests, A = active requests, R = rows (each context of each active request, then its KL prompt), T = positions, D = model width,
// V = vocabulary, M = target tokens of all rows.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>
/// The loss of a <see cref="ValueSearch"/>. Layers up to the edited one do not see δ: they are computed once; each step runs the others.
/// </summary>
internal sealed class ValueForward : IDisposable
{
    private readonly EditSession session;
    private readonly ValueOptions options;
    private readonly int layer;
    private readonly ValueRow[][] rows;
    private readonly Tensor hidden_RTD;
    private ActiveRows? active;
    private Tensor? before_NV;

    /// <summary>Lays out the rows and computes what lies below δ.</summary>
    public ValueForward(EditSession session, ValueOptions options, IReadOnlyList<string> contexts, EditRequest[] requests, int layer)
    {
        (this.session, this.options, this.layer) = (session, options, layer);
        rows = Array.ConvertAll(requests, request => ValueRow.All(session, options, contexts, request));
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var all = rows.SelectMany(row => row).ToArray();
        var length = all.Max(row => row.Inputs.Length);
        var tokens = new long[all.Length * length];
        for (var row = 0; row < all.Length; row++)
            all[row].Inputs.CopyTo(tokens.AsSpan(row * length));
        hidden_RTD = session.Model.Run(session.Model.Embed(tensor(tokens, [all.Length, length], device: session.Model.Device)), 0, layer + 1).DetachFromDisposeScope();
    }

    /// <summary>The loss without its weight decay, whose gradient the search adds by hand.</summary>
    /// <param name="delta_ND">[N, D] float32, a leaf.</param>
    /// <param name="requests">The active requests; the first call takes all, at δ = 0.</param>
    /// <returns>The sum over active requests, with a graph, and each one's loss in nats.</returns>
    public (Tensor Loss, double[] PerRequest) Loss(Tensor delta_ND, int[] requests)
    {
        using var scope = NewDisposeScope();
        if (active is null || !active.Requests.SequenceEqual(requests))
        {
            active?.Dispose();
            active = new ActiveRows(rows, hidden_RTD, requests);
        }

        var injected_RTD = active.Hidden_RTD + active.Subjects_RT1 * delta_ND.index_select(0, active.Owners_R).unsqueeze(1);
        var last_RTD = session.Model.Run(injected_RTD, layer + 1, session.Model.Config.Layers);
        var logits = session.Model.Head(TokenBatch.Select(last_RTD, active.Wanted));
        var targets = active.Labels_M.shape[0];
        var nll_M = nn.functional.cross_entropy(logits.narrow(0, 0, targets), active.Labels_M, reduction: nn.Reduction.None)
            * active.Shares_M;
        var kl_A = Divergence(nn.functional.log_softmax(logits.narrow(0, targets, requests.Length), -1), requests) * options.KlFactor;

        var perRequest = kl_A.detach().cpu().data<float>().Select(value => (double)value).ToArray();
        var shares = nll_M.detach().cpu().data<float>().ToArray();
        for (var token = 0; token < shares.Length; token++)
            perRequest[active.TokenOwners[token]] += shares[token];
        return ((nll_M.sum() + kl_A.sum()).MoveToOuterDisposeScope(), perRequest);
    }

    /// <summary>Frees the stored hidden states.</summary>
    public void Dispose()
    {
        active?.Dispose();
        before_NV?.Dispose();
        hidden_RTD.Dispose();
    }

    // KL(now ‖ before), for each active request.
    private Tensor Divergence(Tensor now_AV, int[] requests)
    {
        before_NV ??= now_AV.detach().clone().DetachFromDisposeScope();
        var before_AV = before_NV.index_select(0, tensor(Array.ConvertAll(requests, request => (long)request), device: now_AV.device));
        return (now_AV.exp() * (now_AV - before_AV)).sum(1L);
    }
}
