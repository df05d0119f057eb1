using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Models.Training.Optimisers;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1): θ −= lr · m̂ / (√v̂ + ε), with moments corrected for their start at 0. A parameter that got its first
/// gradient later is as many steps younger.
/// </summary>
/// <param name="parameters">What is trained.</param>
/// <param name="learningRate">lr, at least 0.</param>
/// <param name="beta1">Decay of the first moment m, in [0, 1). Default 0.9 (the paper's).</param>
/// <param name="beta2">Decay of the second moment v, in [0, 1). Default 0.999 (the paper's).</param>
/// <param name="epsilon">ε, above 0. Default 1e-8 (the paper's).</param>
/// <param name="weightDecay">0 is none (the default).</param>
/// <param name="decoupled">
/// True shrinks the weights, θ ·= 1 − lr · decay, before the update (AdamW, Loshchilov and Hutter 2019); false adds decay · θ to the gradient.
/// </param>
public sealed class AdamOptimiser(
    IEnumerable<Parameter> parameters,
    double learningRate,
    double beta1 = 0.9,
    double beta2 = 0.999,
    double epsilon = 1e-8,
    double weightDecay = 0,
    bool decoupled = false) : Optimiser(parameters, learningRate)
{
    private readonly Dictionary<int, Moments> moments = [];

    private protected override void Update(int place, Tensor value, Tensor gradient)
    {
        if (!moments.TryGetValue(place, out var state)) moments[place] = state = new Moments(value);
        var step = ++state.Steps;
        if (weightDecay != 0 && decoupled) value.TimesInPlace(1 - (LearningRate * weightDecay));
        else if (weightDecay != 0) gradient = gradient.PlusTimes(value, weightDecay);

        state.First.TimesInPlace(beta1).PlusTimesInPlace(gradient, 1 - beta1);
        state.Second.TimesInPlace(beta2).PlusProductInPlace(gradient, gradient, 1 - beta2);
        var root = state.Second.sqrt().DividedByInPlace(Math.Sqrt(1 - Math.Pow(beta2, step))).PlusInPlace(epsilon);
        value.PlusQuotientInPlace(state.First, root, -LearningRate / (1 - Math.Pow(beta1, step)));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var state in moments.Values) state.Dispose();
        moments.Clear();
    }

    // Running means of one parameter's gradients and of their squares; they outlive every dispose scope.
    private sealed class Moments(Tensor value) : IDisposable
    {
        public Tensor First { get; } = value.detach().zeros_like().DetachFromDisposeScope();

        public Tensor Second { get; } = value.detach().zeros_like().DetachFromDisposeScope();

        public long Steps { get; set; }

        public void Dispose()
        {
            First.Dispose();
            Second.Dispose();
        }
    }
}
