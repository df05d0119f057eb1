// N = requests, D = model width.
using Harness.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>
/// Finds, for several requests at once, the δ that makes the model give the new answer when it is added to the residual stream behind a
/// layer at the subject's last token (ROME, §3.1; MEMIT, eq. 16). ROME adds δ to the MLP's output: the residual addition makes that the
/// same place. Requests do not see each other: each has its own loss, and its own end.
/// </summary>
internal sealed class ValueSearch(EditSession session, ValueOptions options, IReadOnlyList<string> contexts)
{
    /// <summary>Searches for the δ of every request.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="layer">Layer behind which δ is added.</param>
    /// <param name="values_ND">[N, D] float32: what δ is added to (ROME: the MLP's output, MEMIT: the layer's), on the plain prompts; its
    /// norms bound and weigh δ.</param>
    /// <returns>δ, [N, D] float32 on the CPU, owned by the caller's dispose scope, and each request's last loss in nats.</returns>
    public (Tensor Delta_ND, double[] Losses) Run(IReadOnlyList<EditRequest> requests, int layer, Tensor values_ND)
    {
        using var scope = NewDisposeScope();
        var (parts, losses) = (new List<Tensor>(), new List<double>());
        foreach (var chunk in requests.Chunk(options.RequestsPerPass))
        {
            var (delta_ND, last) = Search(chunk, layer, values_ND.narrow(0, losses.Count, chunk.Length));
            parts.Add(delta_ND);
            losses.AddRange(last);
        }

        return (cat(parts).MoveToOuterDisposeScope(), [.. losses]);
    }

    private (Tensor Delta_ND, double[] Losses) Search(EditRequest[] requests, int layer, Tensor values_ND)
    {
        using var gradients = enable_grad();
        using var scope = NewDisposeScope();
        var device = session.Model.Device;
        using var forward = new ValueForward(session, options, contexts, requests, layer);
        using var delta_ND = new Parameter(zeros([requests.Length, session.Model.Config.Width], device: device), true);
        using var optimiser = optim.Adam([delta_ND], options.LearningRate, options.Adam.Beta1, options.Adam.Beta2, options.Adam.Epsilon);
        var result_ND = zeros(requests.Length, session.Model.Config.Width);
        var norms_N = values_ND.to(device).pow(2).sum(1L).sqrt();
        var squaredNorms = values_ND.pow(2).sum(1L).cpu().data<float>().ToArray();

        var losses = new double[requests.Length];
        int[] active = [.. Enumerable.Range(0, requests.Length)];
        for (var step = 1; ; step++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            optimiser.zero_grad();
            var lengths = delta_ND.detach().pow(2).sum(1L).sqrt().cpu().data<float>().ToArray();
            var (loss, perRequest) = forward.Loss(delta_ND, active);
            for (var i = 0; i < active.Length; i++)
                losses[active[i]] = perRequest[i] + options.WeightDecay * lengths[active[i]] / squaredNorms[active[i]];

            var ended = Array.FindAll(active, i => step == options.Steps || losses[i] < options.StopLoss);
            Keep(result_ND, delta_ND, ended);
            active = [.. active.Except(ended)];
            if (active.Length == 0)
                return (result_ND.MoveToOuterDisposeScope(), losses);

            loss.backward();
            AddDecay(delta_ND, lengths, squaredNorms);
            optimiser.step();
            Project(delta_ND, norms_N);
        }
    }

    private static void Keep(Tensor result_ND, Tensor delta_ND, int[] requests)
    {
        using var guard = no_grad();
        foreach (var request in requests)
            result_ND[request].copy_(delta_ND[request]);
    }

    // The gradient of weightDecay · ‖δ‖ / ‖v‖², by hand: at δ = 0 it is taken as 0.
    private void AddDecay(Parameter delta_ND, float[] lengths, float[] squaredNorms)
    {
        using var guard = no_grad();
        var factors = lengths.Select((length, i) => length > 0 ? (float)(options.WeightDecay / (squaredNorms[i] * length)) : 0f).ToArray();
        delta_ND.grad!.add_(delta_ND * tensor(factors, device: delta_ND.device).unsqueeze(1));
    }

    // ‖δ‖ ≤ clamp · ‖v‖.
    private void Project(Parameter delta_ND, Tensor norms_N)
    {
        using var guard = no_grad();
        var lengths_N = delta_ND.pow(2).sum(1L).sqrt();
        var factors_N = (norms_N * options.Clamp / lengths_N.clamp(min: 1e-30)).clamp(max: 1);
        delta_ND.mul_(factors_N.unsqueeze(1));
    }
}
