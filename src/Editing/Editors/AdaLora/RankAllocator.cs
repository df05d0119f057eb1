// R = rank of an adapter, N = ranks of all adapters together.
using static TorchSharp.torch;

namespace Harness.Editing.Editors.AdaLora;

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
