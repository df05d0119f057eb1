// O = rows of a weight, I = columns, R = rank of a change.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing;

/// <summary>
/// A weighted sum of changes, parameter by parameter; products stay products where that is smaller.
/// </summary>
internal sealed class DeltaSum : IDisposable
{
    private readonly Dictionary<string, List<(double Factor, WeightDelta Delta)>> terms = new(StringComparer.Ordinal);

    /// <summary>Adds factor times a change.</summary>
    /// <param name="delta">Owned by the sum from now on.</param>
    /// <param name="factor">Not 0: what adds nothing is left out.</param>
    public void Add(WeightDelta delta, double factor = 1)
    {
        if (!terms.TryGetValue(delta.Parameter, out var known))
            terms[delta.Parameter] = known = [];
        known.Add((factor, delta));
    }

    /// <summary>Adds a product of thin matrices to a layer's live down-projection, and to the sum.</summary>
    /// <param name="model">Has the weight.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="left_OR">[O, R].</param>
    /// <param name="right_RI">[R, I].</param>
    public void AddTo(Transformer model, int layer, Tensor left_OR, Tensor right_RI)
    {
        var delta = WeightDelta.LowRank(Sites.DownProjection(layer), left_OR, right_RI);
        Add(delta);
        delta.AddTo(model.Parameter(delta.Parameter));
    }

    /// <summary>The sum.</summary>
    /// <param name="order">The parameters, in the order wanted; those without a change are left out.</param>
    public IReadOnlyList<WeightDelta> Total(IReadOnlyList<string> order) => [.. order.Where(terms.ContainsKey).Select(Sum)];

    /// <summary>Frees the changes.</summary>
    public void Dispose()
    {
        foreach (var (_, delta) in terms.Values.SelectMany(known => known))
            delta.Dispose();
    }

    private WeightDelta Sum(string parameter)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var known = terms[parameter];
        if (known.All(term => term.Delta.IsLowRank))
        {
            var left_OR = cat([.. known.Select(term => term.Delta.Left_OR!.mul(Held(term.Factor)))], 1);
            var right_RI = cat([.. known.Select(term => term.Delta.Right_RI!)]);
            return WeightDelta.FromFactors(parameter, left_OR, right_RI);
        }

        var sum_OI = known[0].Delta.ToDense().mul(Held(known[0].Factor));
        foreach (var (factor, delta) in known.Skip(1))
            sum_OI.add_(delta.ToDense(), Held(factor));
        return WeightDelta.Dense(parameter, sum_OI);
    }
}
