using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Models.Training.Optimisers;

/// <summary>
/// Changes parameters by their gradients. Written with <see cref="ScalarArithmetic"/>: TorchSharp's own optimisers make scalars that a
/// collection can free during the update.
/// </summary>
public abstract class Optimiser : IDisposable
{
    private readonly Parameter[] parameters;
    private double learningRate;

    /// <summary>Takes the parameters; they stay the caller's.</summary>
    /// <param name="parameters">What is trained, in an order that stays.</param>
    /// <param name="learningRate">See <see cref="LearningRate"/>.</param>
    /// <exception cref="ArgumentException">A learning rate below 0, or not a number.</exception>
    private protected Optimiser(IEnumerable<Parameter> parameters, double learningRate)
    {
        this.parameters = [.. parameters];
        LearningRate = learningRate;
    }

    /// <summary>Step size, at least 0; a schedule may change it between steps.</summary>
    /// <exception cref="ArgumentException">Below 0, or not a number.</exception>
    public double LearningRate
    {
        get => learningRate;
        set => learningRate = value >= 0 ? value : throw new ArgumentException(
            FormattableString.Invariant($"found the learning rate {value}, expected at least 0"), nameof(value));
    }

    /// <summary>Sets all gradients to 0; they are kept.</summary>
    public void ZeroGradients()
    {
        using var scope = NewDisposeScope();
        foreach (var parameter in parameters) parameter.grad?.zero_();
    }

    /// <summary>One update of every parameter that has a gradient; those without one stay as they are.</summary>
    public void Step()
    {
        using var recording = no_grad();
        for (var place = 0; place < parameters.Length; place++)
        {
            using var scope = NewDisposeScope();
            if (parameters[place].grad is { } gradient) Update(place, parameters[place], gradient);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes what the optimiser remembers of the parameters.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Updates one parameter in place; no gradients are recorded, and a dispose scope is open.</summary>
    /// <param name="place">The parameter's place in the list.</param>
    /// <param name="value">The parameter.</param>
    /// <param name="gradient">Its gradient, not to be changed.</param>
    private protected abstract void Update(int place, Tensor value, Tensor gradient);
}
