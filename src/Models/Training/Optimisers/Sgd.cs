using static TorchSharp.torch;

namespace Harness.Models.Training.Optimisers;

/// <summary>Gradient descent: θ ← θ − rate · (g + decay · θ).</summary>
/// <param name="parameters">Leaves of the graph, float32; they stay the caller's.</param>
/// <param name="learningRate">At least 0.</param>
/// <param name="weightDecay">Times the value, added to its gradient.</param>
public sealed class Sgd(IEnumerable<Tensor> parameters, double learningRate, double weightDecay = 0) : Optimiser(parameters, learningRate)
{
    /// <inheritdoc/>
    private protected override void Update(IReadOnlyList<(int Place, Tensor Value, Tensor Gradient)> trained)
    {
        foreach (var (_, value, gradient) in trained)
            value.add_(weightDecay == 0 ? gradient : gradient.add(value, Held(weightDecay)), Held(-LearningRate));
    }
}
