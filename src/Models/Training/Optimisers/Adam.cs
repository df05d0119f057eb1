using static TorchSharp.torch;

namespace Harness.Models.Training.Optimisers;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1): m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − rate · m̂ / (√v̂ + ε), both moments corrected for their start
/// at 0. A parameter that gets its first gradient later is younger.
/// </summary>
/// <param name="parameters">Leaves of the graph, float32; they stay the caller's.</param>
/// <param name="learningRate">At least 0.</param>
/// <param name="beta1">In [0, 1).</param>
/// <param name="beta2">In [0, 1).</param>
/// <param name="epsilon">Above 0.</param>
/// <param name="weightDecay">Times the value, added to its gradient.</param>
public class Adam(
    IEnumerable<Tensor> parameters, double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
    : Optimiser(parameters, learningRate)
{
    private readonly Dictionary<int, Moments> moments = [];

    /// <summary>Whether decay shrinks the value instead of entering its gradient.</summary>
    private protected virtual bool IsDecoupled => false;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var one in moments.Values) one.Dispose();
        moments.Clear();
    }

    /// <inheritdoc/>
    private protected override void Update(int place, Tensor value, Tensor gradient)
    {
        if (!moments.TryGetValue(place, out var own)) moments[place] = own = new Moments(value);
        if (weightDecay != 0 && IsDecoupled) value.mul_(Held(1 - (LearningRate * weightDecay)));
        else if (weightDecay != 0) gradient = gradient.add(value, Held(weightDecay));

        own.Steps++;
        own.First.mul_(Held(beta1)).add_(gradient, Held(1 - beta1));
        own.Second.mul_(Held(beta2)).addcmul_(gradient, gradient, Held(1 - beta2));
        var root = own.Second.sqrt().div_(Held(Math.Sqrt(1 - Math.Pow(beta2, own.Steps)))).add_(Held(epsilon), Held(1));
        value.addcdiv_(own.First, root, Held(-LearningRate / (1 - Math.Pow(beta1, own.Steps))));
    }

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

/// <summary>Adam whose decay is apart from the gradient (Loshchilov and Hutter 2019): θ ← θ (1 − rate · decay) before the update.</summary>
/// <inheritdoc/>
public sealed class AdamW(
    IEnumerable<Tensor> parameters, double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
    : Adam(parameters, learningRate, beta1, beta2, epsilon, weightDecay)
{
    private protected override bool IsDecoupled => true;
}
