// N = requests, D = model width.
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Rome;

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

/// <summary>
/// δ of several requests to one of a model's outputs, and what bounds and weighs it: the norm of the output itself. Its tensors belong to
/// the dispose scope that it is made in.
/// </summary>
internal sealed class SearchedDelta
{
    private readonly ValueOptions options;
    private readonly Tensor norms_N;
    private readonly float[] squaredNorms;
    private float[] lengths = [];

    /// <summary>δ = 0.</summary>
    /// <param name="options">Clamp and weight decay.</param>
    /// <param name="values_ND">[N, D] float32: what δ is added to.</param>
    /// <param name="device">Where the model is.</param>
    public SearchedDelta(ValueOptions options, Tensor values_ND, Device device)
    {
        this.options = options;
        Delta_ND = zeros([values_ND.shape[0], values_ND.shape[1]], device: device).with_requires_grad();
        norms_N = values_ND.to(device).pow(Held(2)).sum(1L).sqrt();
        squaredNorms = values_ND.pow(Held(2)).sum(1L).cpu().data<float>().ToArray();
    }

    /// <summary>[N, D] float32, a leaf.</summary>
    public Tensor Delta_ND { get; }

    /// <summary>Takes ‖δ‖ for the loss and the gradient of this step.</summary>
    public void Measure() => lengths = Delta_ND.detach().pow(Held(2)).sum(1L).sqrt().cpu().data<float>().ToArray();

    /// <summary>weightDecay · ‖δ‖ / ‖v‖² of a request.</summary>
    public double Decay(int request) => options.WeightDecay * lengths[request] / squaredNorms[request];

    /// <summary>Adds that term's gradient, by hand: at δ = 0 it is taken as 0.</summary>
    public void AddDecay()
    {
        using var guard = no_grad();
        var factors = lengths.Select((length, i) => length > 0 ? (float)(options.WeightDecay / (squaredNorms[i] * length)) : 0f).ToArray();
        Delta_ND.grad!.PlusInPlace(Delta_ND * tensor(factors, device: Delta_ND.device).unsqueeze(1));
    }

    /// <summary>‖δ‖ ≤ clamp · ‖v‖.</summary>
    public void Project()
    {
        using var guard = no_grad();
        var lengths_N = Delta_ND.pow(Held(2)).sum(1L).sqrt();
        var factors_N = (norms_N * Held(options.Clamp) / lengths_N.clamp(min: Held(1e-30))).clamp(max: Held(1));
        Delta_ND.mul_(factors_N.unsqueeze(1));
    }
}

/// <summary>
/// What a value search does about a request whose target tokens are the likeliest in every context already (PMET's code).
/// </summary>
/// <param name="LossFactor">Its targets' loss counts that much in the next step.</param>
/// <param name="StopKl">Its search ends where its KL term, its factor included, is at most this, in nats.</param>
internal sealed record KnownAnswer(double LossFactor, double StopKl);
