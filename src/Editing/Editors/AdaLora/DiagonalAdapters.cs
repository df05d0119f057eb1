// R = rank, I = inputs, O = outputs of a projection.
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.AdaLora;

/// <summary>One adapter, P Λ Q.</summary>
/// <param name="Weight">Name of the adapted weight.</param>
/// <param name="P_OR">Left factor, [O, R].</param>
/// <param name="Lambda_R">Diagonal of Λ, [R].</param>
/// <param name="Q_RI">Right factor, [R, I].</param>
internal sealed record Triplet(string Weight, Tensor P_OR, Tensor Lambda_R, Tensor Q_RI);

/// <summary>AdaLoRA's adapters, attached to the session's model until disposed; Λ = 0, so that they change nothing at first.</summary>
internal sealed class DiagonalAdapters : AttachedAdapters
{
    private readonly List<Triplet> triplets = [];
    private readonly Generator dropout;
    private readonly double scale, weight;

    /// <summary>Draws and attaches the adapters.</summary>
    public DiagonalAdapters(EditSession session, AdaLoraOptions options)
        : base(session.Model)
    {
        (scale, weight) = (options.Alpha / options.InitialRank, options.OrthogonalityWeight);
        var (model, rank) = (session.Model, options.InitialRank);
        dropout = Random(session.Seed, "adalora/dropout", model.Device);
        using var start = Random(session.Seed, "adalora/start");
        using var scope = NewDisposeScope();
        foreach (var name in options.Targets.Names(model))
        {
            var shape = model.ShapeOf(name);
            var triplet = new Triplet(
                name, Own(Draw(shape[0], rank)), Own(zeros([rank], device: model.Device)), Own(Draw(rank, shape[1])));
            triplets.Add(triplet);
            Attach(name, new LowRankAdapter(
                triplet.Q_RI, triplet.P_OR, scale, options.Dropout)
            { Diagonal_R = triplet.Lambda_R, Random = dropout });
        }

        Tensor Draw(long rows, long columns) =>
            randn([rows, columns], generator: start).mul_(Held(options.StartDeviation)).to(model.Device);
    }

    /// <summary>The adapters.</summary>
    public IReadOnlyList<Triplet> Triplets => triplets;

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Parameters =>
        [.. triplets.SelectMany(triplet => new[] { triplet.P_OR, triplet.Lambda_R, triplet.Q_RI })];

    /// <summary>Entries of all Λ that are not zero.</summary>
    public int Ranks => triplets.Sum(triplet => Kept(triplet).Length);

    /// <summary>
    /// The penalty: γ times the mean of ‖Pᵀ P − I‖ and ‖Q Qᵀ − I‖ (Frobenius) over all adapters, as in the paper's code; its equation 4 has
    /// the sum of squares.
    /// </summary>
    /// <returns>A scalar with a graph to P and Q, in the caller's dispose scope.</returns>
    public Tensor Penalty()
    {
        using var scope = NewDisposeScope();
        var products = triplets.SelectMany(
            triplet => new[] { triplet.P_OR.t().matmul(triplet.P_OR), triplet.Q_RI.matmul(triplet.Q_RI.t()) }).ToList();
        using var identity_RR = eye(products[0].shape[0], device: products[0].device);
        return stack(products.Select(product => (product - identity_RR).norm(2f))).mean().mul(Held(weight)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The change of each projection, (α/r0) P Λ Q, as a product of the ranks that are left; projections with none are left out.
    /// </summary>
    public override IReadOnlyList<WeightDelta> Deltas()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var deltas = new List<WeightDelta>();
        foreach (var triplet in triplets)
        {
            if (Kept(triplet) is not { Length: > 0 } kept)
                continue;

            var kept_K = tensor(kept, device: triplet.P_OR.device);
            var left_OK = triplet.P_OR.index_select(1, kept_K) * (triplet.Lambda_R.index_select(0, kept_K) * Held(scale));
            deltas.Add(WeightDelta.LowRank(triplet.Weight, left_OK, triplet.Q_RI.index_select(0, kept_K)));
        }

        return deltas;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        foreach (var parameter in Parameters)
            parameter.Dispose();
        dropout.Dispose();
    }

    private static long[] Kept(Triplet triplet)
    {
        using var scope = NewDisposeScope();
        var lambda = triplet.Lambda_R.detach().cpu().data<float>().ToArray();
        return [.. Enumerable.Range(0, lambda.Length).Where(rank => lambda[rank] != 0).Select(rank => (long)rank)];
    }
}
