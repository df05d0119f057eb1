// N = requests, D = model width.
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>
/// Finds, for several requests at once, the δ that makes the model give the new answer when it is added to the residual stream behind a
/// layer at the subject's last token (ROME, §3.1; MEMIT, eq. 16). ROME adds δ to the MLP's output: the residual addition makes that the
/// same place. Requests do not see each other: each has its own loss, and its own end.
/// </summary>
internal sealed class ValueSearch(EditSession session, ValueOptions options, IReadOnlyList<string> contexts)
{
    /// <summary>What becomes of requests whose answer the model gives already. Default null: nothing, they go on as the others.</summary>
    public KnownAnswer? Known { get; init; }

    /// <summary>Searches for the δ of every request.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="layer">Layer behind which δ is added.</param>
    /// <param name="values_ND">[N, D] float32: what δ is added to (ROME: the MLP's output, MEMIT: the layer's), on the plain prompts; its
    /// norms bound and weigh δ.</param>
    /// <returns>δ, [N, D] float32 on the CPU, owned by the caller's dispose scope, and each request's last loss in nats.</returns>
    public (Tensor Delta_ND, double[] Losses) Run(IReadOnlyList<EditRequest> requests, int layer, Tensor values_ND)
    {
        var (deltas_ND, losses) = Run(requests, layer, ValuePlace.Stream, [values_ND]);
        return (deltas_ND[0], losses);
    }

    /// <summary>Searches for one δ to the MLP's output and another to the attention's, together (PMET, eq. 10).</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="layer">The layer of both.</param>
    /// <param name="values_ND">[N, D] float32: the MLP's output on the plain prompts; its norms bound and weigh its δ.</param>
    /// <param name="attended_ND">[N, D] float32: the same of the attention.</param>
    /// <returns>The MLP's δ and the attention's, as above, and each request's last loss in nats.</returns>
    public (Tensor Mlp_ND, Tensor Attention_ND, double[] Losses) RunWithAttention(
        IReadOnlyList<EditRequest> requests, int layer, Tensor values_ND, Tensor attended_ND)
    {
        var (deltas_ND, losses) = Run(requests, layer, ValuePlace.Outputs, [values_ND, attended_ND]);
        return (deltas_ND[0], deltas_ND[1], losses);
    }

    private (Tensor[] Deltas_ND, double[] Losses) Run(IReadOnlyList<EditRequest> requests, int layer, ValuePlace place, Tensor[] values_ND)
    {
        using var scope = NewDisposeScope();
        var (parts, losses) = (new List<Tensor[]>(), new List<double>());
        foreach (var chunk in requests.Chunk(options.RequestsPerPass))
        {
            var (deltas_ND, last) =
                Search(chunk, layer, place, Array.ConvertAll(values_ND, values => values.narrow(0, losses.Count, chunk.Length)));
            parts.Add(deltas_ND);
            losses.AddRange(last);
        }

        return ([.. values_ND.Select((_, i) => cat([.. parts.Select(part => part[i])]).MoveToOuterDisposeScope())], [.. losses]);
    }

    private (Tensor[] Deltas_ND, double[] Losses) Search(EditRequest[] requests, int layer, ValuePlace place, Tensor[] values_ND)
    {
        using var gradients = enable_grad();
        using var scope = NewDisposeScope();
        using var forward = new ValueForward(session, options, contexts, requests, layer, place, Known);
        var searched = Array.ConvertAll(values_ND, values => new SearchedDelta(options, values, session.Model.Device));
        var deltas_ND = Array.ConvertAll(searched, one => one.Delta_ND);
        using var optimiser = new Adam(deltas_ND, options.LearningRate, options.Adam.Beta1, options.Adam.Beta2, options.Adam.Epsilon);
        var results_ND = Array.ConvertAll(searched, _ => zeros(requests.Length, session.Model.Config.Width));

        var losses = new double[requests.Length];
        int[] active = [.. Enumerable.Range(0, requests.Length)];
        for (var step = 1; ; step++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            optimiser.ZeroGradients();
            Array.ForEach(searched, one => one.Measure());
            var (loss, perRequest, mayEnd) = forward.Loss(deltas_ND, active);
            for (var i = 0; i < active.Length; i++)
                losses[active[i]] = searched.Aggregate(perRequest[i], (sum, one) => sum + one.Decay(active[i]));

            int[] ended = [.. active.Where((i, place) => step == options.Steps || losses[i] < options.StopLoss || mayEnd[place])];
            Keep(results_ND, deltas_ND, ended);
            active = [.. active.Except(ended)];
            if (active.Length == 0)
                return (Array.ConvertAll(results_ND, result => result.MoveToOuterDisposeScope()), losses);

            loss.backward();
            Array.ForEach(searched, one => one.AddDecay());
            optimiser.Step();
            Array.ForEach(searched, one => one.Project());
        }
    }

    private static void Keep(Tensor[] results_ND, Tensor[] deltas_ND, int[] requests)
    {
        using var guard = no_grad();
        foreach (var (result_ND, delta_ND) in results_ND.Zip(deltas_ND))
        {
            foreach (var request in requests)
                result_ND[request].copy_(delta_ND[request]);
        }
    }
}
