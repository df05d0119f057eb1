using static TorchSharp.torch;

namespace Harness.Models.Training.Optimisers;

/// <summary>
/// Changes tensors by their gradients; its state dies with it. TorchSharp's own optimisers hand numbers over unprotected (see
/// <see cref="Numerics.Scalars"/>).
/// </summary>
public abstract class Optimiser : IDisposable
{
    private readonly Tensor[] parameters;

    /// <summary>Trains leaves of the graph, which stay the caller's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative or undefined learning rate.</exception>
    private protected Optimiser(IEnumerable<Tensor> parameters, double learningRate)
    {
        if (!(learningRate >= 0))
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "expected a learning rate of 0 or more");
        (this.parameters, LearningRate) = ([.. parameters], learningRate);
    }

    /// <summary>What a step is multiplied by; a schedule may set it between steps.</summary>
    public double LearningRate { get; set; }

    /// <summary>Scales gradients so that their L2 norm, taken together, is at most a bound.</summary>
    /// <returns>The norm before.</returns>
    public static double ClipGradients(IEnumerable<Tensor> parameters, double bound)
    {
        using var recording = no_grad();
        using var scope = NewDisposeScope();
        Tensor[] gradients = [.. parameters.Select(parameter => parameter.grad).OfType<Tensor>()];
        if (gradients.Length == 0) return 0;
        var norm = stack(gradients.Select(gradient => gradient.norm(2f))).norm(2f).AsDouble();

        // PyTorch's guard against a norm of 0.
        var factor = bound / (norm + 1e-6);
        if (factor < 1)
            foreach (var gradient in gradients) gradient.mul_(Held(factor));
        return norm;
    }

    /// <summary>Sets all gradients to zero; they are kept.</summary>
    public void ZeroGradients()
    {
        using var scope = NewDisposeScope();
        foreach (var parameter in parameters) parameter.grad?.zero_();
    }

    /// <summary>One update of every parameter that has a gradient.</summary>
    public void Step()
    {
        using var recording = no_grad();
        using var scope = NewDisposeScope();
        var trained = parameters.Select((value, place) => (place, value, Gradient: value.grad)).Where(one => one.Gradient is not null)
            .Select(one => (one.place, one.value, one.Gradient!)).ToList();
        if (trained.Count > 0) Update(trained);
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the state.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Changes parameters in place; gradients are not recorded, and what it makes is freed behind it.</summary>
    /// <param name="trained">Those that have a gradient, at least one, each with its place among all.</param>
    private protected abstract void Update(IReadOnlyList<(int Place, Tensor Value, Tensor Gradient)> trained);
}

/// <summary>Gradient descent: θ ← θ − rate · (g + decay · θ).</summary>
/// <param name="parameters">Leaves of the graph, float32; they stay the caller's.</param>
/// <param name="learningRate">At least 0.</param>
/// <param name="weightDecay">Times the value, added to its gradient.</param>
public sealed class Sgd(IEnumerable<Tensor> parameters, double learningRate, double weightDecay = 0) : Optimiser(parameters, learningRate)
{
    private protected override void Update(IReadOnlyList<(int Place, Tensor Value, Tensor Gradient)> trained)
    {
        foreach (var (_, value, gradient) in trained)
            value.add_(weightDecay == 0 ? gradient : gradient.add(value, Held(weightDecay)), Held(-LearningRate));
    }
}
