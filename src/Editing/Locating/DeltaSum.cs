// O = rows of a weight, I = its columns, R = rank of a change.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>Products of thin matrices that are added to some layers' down-projections, one after another.</summary>
internal sealed class DeltaSum(IReadOnlyList<int> layers) : IDisposable
{
    private readonly Dictionary<int, List<WeightDelta>> steps = layers.ToDictionary(layer => layer, _ => new List<WeightDelta>());

    /// <summary>Adds left times right to the live weight of a layer, and to the sum.</summary>
    /// <param name="model">Has the weight.</param>
    /// <param name="layer">One of the layers.</param>
    /// <param name="left_OR">[O, R].</param>
    /// <param name="right_RI">[R, I].</param>
    public void Add(Transformer model, int layer, Tensor left_OR, Tensor right_RI)
    {
        var step = WeightDelta.LowRank(Sites.DownProjection(layer), left_OR, right_RI);
        steps[layer].Add(step);
        step.AddTo(model.Parameter(step.Parameter));
    }

    /// <summary>The sum, one change for each layer, in the smaller of its two forms.</summary>
    public IReadOnlyList<WeightDelta> Total()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return [.. layers.Select(layer => WeightDelta.FromFactors(
            Sites.DownProjection(layer), cat([.. steps[layer].Select(step => step.Left_OR!)], 1),
                cat([.. steps[layer].Select(step => step.Right_RI!)])))];
    }

    /// <summary>Frees the steps.</summary>
    public void Dispose()
    {
        foreach (var step in steps.Values.SelectMany(ofLayer => ofLayer))
            step.Dispose();
        steps.Clear();
    }
}
