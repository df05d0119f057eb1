using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Models.Training.Optimisers;

/// <summary>Gradient descent, θ −= lr · g; weight decay is added to the gradient.</summary>
/// <param name="parameters">What is trained.</param>
/// <param name="learningRate">lr, at least 0.</param>
/// <param name="weightDecay">g becomes g + decay · θ; 0 is none.</param>
public sealed class SgdOptimiser(IEnumerable<Parameter> parameters, double learningRate, double weightDecay = 0)
    : Optimiser(parameters, learningRate)
{
    private protected override void Update(int place, Tensor value, Tensor gradient)
    {
        if (weightDecay != 0) gradient = gradient.PlusTimes(value, weightDecay);
        value.PlusTimesInPlace(gradient, -LearningRate);
    }
}
