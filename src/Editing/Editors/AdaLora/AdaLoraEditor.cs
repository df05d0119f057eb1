// R = rank of an adapter, I = inputs, O = outputs of a projection, N = ranks of all adapters together.
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.AdaLora;

/// <summary>
/// AdaLoRA: W' = W + (α/r0) P Λ Q, trained with the common loss and a penalty that keeps P and Q orthogonal; on a schedule the least
/// important entries of Λ are set to zero, over all adapters together, until the wanted number of ranks is left.
/// </summary>
internal sealed class AdaLoraEditor(AdaLoraOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<AdaLoraOptions>("adalora", options => new AdaLoraEditor(options));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var adapters = new DiagonalAdapters(session, options);
        using var allocator = new RankAllocator(adapters.Triplets, options, options.Tuning.MostUpdates(requests.Count));
        var tuner = new FineTuner(session, options.Tuning, penalty: options.OrthogonalityWeight > 0 ? adapters.Penalty : null);
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        var result = tuner.Run(samples, adapters.Trained, allocator.AfterStep, afterBatch: adapters.TellOf(session, requests));
        allocator.Finish();
        return new Edit(adapters.Deltas(), new Dictionary<string, double>(result.Figures) { ["ranks"] = adapters.Ranks });
    }
}

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
    private readonly double scale, weight;

    /// <summary>Draws and attaches the adapters.</summary>
    public DiagonalAdapters(EditSession session, AdaLoraOptions options)
        : base(session.Model, options.Targets.FirstLayer, Random(session.Seed, "adalora/dropout", session.Model.Device))
    {
        (scale, weight) = (options.Alpha / options.InitialRank, options.OrthogonalityWeight);
        var (model, rank) = (session.Model, options.InitialRank);
        using var start = Random(session.Seed, "adalora/start");
        using var scope = NewDisposeScope();
        foreach (var name in options.Targets.Names(model))
        {
            var shape = model.ShapeOf(name);
            var triplet = new Triplet(
                name, Own(Draw(shape[0], rank)), Own(zeros([rank], device: model.Device)), Own(Draw(rank, shape[1])));
            triplets.Add(triplet);
            Attach(name, new LowRankAdapter(triplet.Q_RI, triplet.P_OR, scale, options.Dropout) { Diagonal_R = triplet.Lambda_R });
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

    private static long[] Kept(Triplet triplet)
    {
        using var scope = NewDisposeScope();
        var lambda = triplet.Lambda_R.detach().cpu().data<float>().ToArray();
        return [.. Enumerable.Range(0, lambda.Length).Where(rank => lambda[rank] != 0).Select(rank => (long)rank)];
    }
}

/// <summary>
/// Which ranks stay (Zhang et al. 2023, §3.2): the importance of an element is the running mean of |w · ∂loss/∂w| times the running mean of
/// how far it strays from that; of a rank, its λ's plus the means over its column of P and its row of Q.
/// </summary>
internal sealed class RankAllocator : IDisposable
{
    private readonly IReadOnlyList<Triplet> triplets;
    private readonly AdaLoraOptions options;
    private readonly int updates;

    // P, λ, Q of each adapter in turn.
    private readonly List<(Tensor Value, Tensor Sensitivity, Tensor Uncertainty)> elements = [];
    private List<Tensor>? kept;
    private int step;

    /// <summary>Starts with all ranks.</summary>
    /// <param name="triplets">The adapters.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="updates">Updates of the run at most.</param>
    /// <exception cref="InputException">The first and last steps leave none for pruning.</exception>
    public RankAllocator(IReadOnlyList<Triplet> triplets, AdaLoraOptions options, int updates)
    {
        if (options.InitialSteps + options.FinalSteps >= updates)
        {
            throw new InputException(
                $"adalora: found initial-steps {options.InitialSteps} and final-steps {options.FinalSteps}, " +
                    $"expected together fewer than the {updates} updates of " +
                "the run; lower them or train longer");
        }

        (this.triplets, this.options, this.updates) = (triplets, options, updates);
        foreach (var value in triplets.SelectMany(triplet => new Tensor[] { triplet.P_OR, triplet.Lambda_R, triplet.Q_RI }))
            elements.Add((value, Zeros(value), Zeros(value)));

        static Tensor Zeros(Tensor like)
        {
            using var guard = no_grad();
            using var scope = NewDisposeScope();
            return like.detach().zeros_like().DetachFromDisposeScope();
        }
    }

    private int All => triplets.Count * options.InitialRank;

    private int Target => triplets.Count * options.TargetRank;

    /// <summary>Ranks that may stay after an update: all at first, then falling to the target with a cubic, then the target.</summary>
    /// <param name="update">Number of the update, from 1.</param>
    public int Budget(int update)
    {
        if (update <= options.InitialSteps)
            return All;

        var last = updates - options.FinalSteps;
        var left = update >= last ? 0 : 1 - ((double)(update - options.InitialSteps) / (last - options.InitialSteps));
        return Target + (int)((All - Target) * left * left * left);
    }

    /// <summary>Takes note of the last gradients, and prunes where it is time.</summary>
    public void AfterStep()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        step++;
        var last = updates - options.FinalSteps;
        if (step <= last)
            Note();
        if (step <= last && (step == last || (step > options.InitialSteps && step % options.PruningInterval == 0)))
            Choose(Budget(step));
        else if (step > last)
            Prune();
    }

    /// <summary>Prunes to the target where the run stopped before the schedule's end.</summary>
    public void Finish()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        if (step > 0 && step < updates - options.FinalSteps)
            Choose(Target);
    }

    /// <summary>Frees the running means.</summary>
    public void Dispose()
    {
        foreach (var (_, sensitivity, uncertainty) in elements)
        {
            sensitivity.Dispose();
            uncertainty.Dispose();
        }

        Forget();
    }

    private void Note()
    {
        foreach (var (value, sensitivity, uncertainty) in elements)
        {
            if (value.grad is not { } gradient)
                continue;

            var now = (value * gradient).abs();
            sensitivity.mul_(Held(options.SensitivityDecay)).PlusInPlace(now * Held(1 - options.SensitivityDecay));
            uncertainty.mul_(Held(options.UncertaintyDecay)).PlusInPlace((now - sensitivity).abs() * Held(1 - options.UncertaintyDecay));
        }
    }

    // Of equals the earlier adapter and the lower rank stay.
    private void Choose(int budget)
    {
        if (options.TargetRank == options.InitialRank)
            return;

        var scores_N = cat([.. Enumerable.Range(0, triplets.Count).Select(Score)]).cpu().data<float>().ToArray();
        var stay = Enumerable.Range(0, scores_N.Length).OrderByDescending(rank => scores_N[rank]).ThenBy(rank => rank).Take(budget)
            .ToHashSet();
        Forget();
        kept = [.. triplets.Select((triplet, number) => tensor(
            Enumerable.Range(number * options.InitialRank, options.InitialRank).Select(rank => stay.Contains(rank) ? 1f : 0f).ToArray(),
            device: triplet.Lambda_R.device).DetachFromDisposeScope())];
        Prune();
    }

    private Tensor Score(int number)
    {
        var (p_OR, lambda_R, q_RI) = (Element(3 * number), Element((3 * number) + 1), Element((3 * number) + 2));
        return lambda_R.Plus(p_OR.mean([0])).Plus(q_RI.mean([1]));

        Tensor Element(int place) => elements[place].Sensitivity * elements[place].Uncertainty;
    }

    private void Prune()
    {
        for (var i = 0; kept is not null && i < triplets.Count; i++)
            triplets[i].Lambda_R.mul_(kept[i]);
    }

    private void Forget()
    {
        kept?.ForEach(mask => mask.Dispose());
        kept = null;
    }
}
