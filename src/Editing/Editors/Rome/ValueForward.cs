// N = requests, A = active requests, R = rows (each context of each active request, then its KL prompt), D = model width, V = vocabulary,
// M = target tokens of all rows.
using Harness.Editing.Locating;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Rome;

/// <summary>
/// The loss of a <see cref="ValueSearch"/>. Layers up to the edited one do not see δ: they are computed once; each step runs the others.
/// </summary>
internal sealed class ValueForward : IDisposable
{
    private readonly EditSession session;
    private readonly ValueOptions options;
    private readonly KnownAnswer? known;
    private readonly float[] factors;
    private readonly int contexts;
    private readonly ValueGroup[] groups;
    private int[] active = [];
    private int[] tokenOwners = [];
    private Tensor? labels_M;
    private Tensor? shares_M;
    private Tensor? before_NV;

    /// <summary>Lays out the rows and computes what δ does not change.</summary>
    public ValueForward(
        EditSession session, ValueOptions options, IReadOnlyList<string> contexts, EditRequest[] requests, int layer, ValuePlace place,
            KnownAnswer? known)
    {
        (this.session, this.options, this.contexts, this.known) = (session, options, contexts.Count, known);
        factors = [.. requests.Select(_ => 1f)];
        var rows = requests.SelectMany((request, owner) => ValueRow.All(session, options, contexts, request).Select(row => (owner, row)));

        // Behind a sampled beginning, most of a row comes before its subject and does not see δ: only the rest is run in each step, rows of
        // the same lengths together. Plain prompts are short, and are run whole.
        groups = contexts.Count == 1
            ? [new ValueGroup(session.Model, layer, [.. rows], place, fromSubject: false)]
            : [.. rows.GroupBy(one => (one.row.Inputs.Length - one.row.Subject, one.row.Wanted)).OrderBy(group => group.Key)
                .Select(group => new ValueGroup(session.Model, layer, [.. group], place, fromSubject: true))];
    }

    /// <summary>The loss without its weight decay, whose gradient the search adds by hand.</summary>
    /// <param name="deltas_ND">[N, D] float32 each, leaves; one for each of the place's outputs.</param>
    /// <param name="requests">The active requests, ascending; the first call takes all, at δ = 0.</param>
    /// <returns>The sum over active requests, with a graph, each one's loss in nats, and whether its search may end at once.</returns>
    public (Tensor Loss, double[] PerRequest, bool[] MayEnd) Loss(IReadOnlyList<Tensor> deltas_ND, int[] requests)
    {
        using var scope = NewDisposeScope();
        if (!active.SequenceEqual(requests))
            Select(requests);

        var parts = groups.Where(group => group.Rows.Count > 0).Select(group => group.Run(deltas_ND)).ToList();
        var logits = session.Model.Head(cat([.. parts.Select(part => part.Targets_MD), .. parts.Select(part => part.Divergences_AD)]));
        var targets = labels_M!.shape[0];
        var nll_M = nn.functional.cross_entropy(logits.narrow(0, 0, targets), labels_M, reduction: nn.Reduction.None) * shares_M!;
        if (known is not null)
            nll_M = nll_M * tensor(Array.ConvertAll(tokenOwners, owner => factors[requests[owner]]), device: nll_M.device);
        var kl_A = Divergence(nn.functional.log_softmax(logits.narrow(0, targets, requests.Length), -1)) * Held(options.KlFactor);

        var perRequest = kl_A.detach().cpu().data<float>().Select(value => (double)value).ToArray();
        var mayEnd = known is null ? new bool[requests.Length] : Settle(logits.narrow(0, 0, targets), perRequest);
        var shares = nll_M.detach().cpu().data<float>().ToArray();
        for (var token = 0; token < shares.Length; token++)
            perRequest[tokenOwners[token]] += shares[token];
        return (nll_M.sum().Plus(kl_A.sum()).MoveToOuterDisposeScope(), perRequest, mayEnd);
    }

    /// <summary>Frees the stored hidden states.</summary>
    public void Dispose()
    {
        foreach (var group in groups)
            group.Dispose();
        labels_M?.Dispose();
        shares_M?.Dispose();
        before_NV?.Dispose();
    }

    private void Select(int[] requests)
    {
        active = requests;
        foreach (var group in groups)
            group.Select(requests);

        using var scope = NewDisposeScope();
        var tokens = groups.SelectMany(group => group.Rows)
            .SelectMany(one => one.Row.Targets.Select(
                label => (one.Owner, Label: (long)label, Share: 1f / (contexts * one.Row.Targets.Length)))).ToList();
        tokenOwners = [.. tokens.Select(token => Array.IndexOf(requests, token.Owner))];
        labels_M?.Dispose();
        shares_M?.Dispose();
        labels_M = tensor(tokens.Select(token => token.Label).ToArray(), device: session.Model.Device).DetachFromDisposeScope();
        shares_M = tensor(tokens.Select(token => token.Share).ToArray(), device: session.Model.Device).DetachFromDisposeScope();
    }

    // Weighs the next step's losses, and says whose search may end.
    private bool[] Settle(Tensor logits_MV, double[] divergences)
    {
        var hits = logits_MV.argmax(1).eq(labels_M!).cpu().data<bool>().ToArray();
        var isKnown = Array.ConvertAll(active, _ => true);
        for (var token = 0; token < hits.Length; token++)
            isKnown[tokenOwners[token]] &= hits[token];
        for (var i = 0; i < active.Length; i++)
            factors[active[i]] = isKnown[i] ? (float)known!.LossFactor : 1;
        return [.. isKnown.Zip(divergences, (isLikeliest, divergence) => isLikeliest && divergence <= known!.StopKl)];
    }

    // KL(now ‖ before), for each active request.
    private Tensor Divergence(Tensor now_AV)
    {
        before_NV ??= now_AV.detach().clone().DetachFromDisposeScope();
        var before_AV = before_NV.index_select(0, tensor(Array.ConvertAll(active, request => (long)request), device: now_AV.device));
        return (now_AV.exp() * (now_AV - before_AV)).sum(1L);
    }
}

/// <summary>One row of a <see cref="ValueForward"/>: a prompt in one context with its target, or the KL prompt, which has none.</summary>
/// <param name="Inputs">Ids that go in; the tokenizer's prefix comes first.</param>
/// <param name="Subject">Index of the subject's last token, where δ is added.</param>
/// <param name="TargetStart">Index at which the first target id would stand; the position before predicts it.</param>
/// <param name="Targets">Ids to be predicted; empty for the KL prompt.</param>
internal sealed record ValueRow(long[] Inputs, int Subject, int TargetStart, int[] Targets)
{
    /// <summary>How many last positions predict something: the targets, or the KL prompt's subject.</summary>
    public int Wanted => Math.Max(1, Targets.Length);

    /// <summary>The rows of one request: each context, then the KL prompt up to the subject, behind which nothing is read.</summary>
    public static ValueRow[] All(EditSession session, ValueOptions options, IReadOnlyList<string> contexts, EditRequest request)
    {
        var rows = contexts.Select(context =>
        {
            var sequence = session.Encode(context + request.Prompt, request.TargetNew, options.AppendEos);
            var subject = SubjectPosition.Find(session.Tokenizer, request, context);
            return new ValueRow([.. sequence.Ids[..^1]], subject, sequence.TargetStart, sequence.Ids[sequence.TargetStart..]);
        });

        var parts = options.KlPrompt.Split("{}");
        var text = parts[0] + request.Subject + parts[1];
        var last = SubjectPosition.Find(session.Tokenizer, text, parts[0].Length, text.Length - parts[1].Length);
        var inputs = session.Tokenizer.Prefix.Concat(session.Tokenizer.EncodeToIds(text)).Take(last + 1);
        return [.. rows, new([.. inputs.Select(id => (long)id)], last, last + 1, [])];
    }
}
