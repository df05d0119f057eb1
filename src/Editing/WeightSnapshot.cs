using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing;

/// <summary>Copies of some weights of a model. Disposing it puts them back bit for bit.</summary>
internal sealed class WeightSnapshot : IDisposable
{
    private readonly Transformer model;
    private readonly List<(string Name, Tensor Value)> originals = [];

    /// <summary>Copies the named parameters.</summary>
    public WeightSnapshot(Transformer model, IReadOnlyList<string> names)
    {
        this.model = model;
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        foreach (var name in names)
            originals.Add((name, model.Parameter(name).detach().clone().DetachFromDisposeScope()));
    }

    /// <summary>Names of the copied parameters, in the order given.</summary>
    public IEnumerable<string> Names => originals.Select(original => original.Name);

    /// <summary>The value that a parameter had; owned by the snapshot.</summary>
    public Tensor Original(string name) => originals.First(original => original.Name == name).Value;

    /// <summary>What has changed since, as dense deltas.</summary>
    public IReadOnlyList<WeightDelta> Deltas()
    {
        using var scope = NewDisposeScope();
        return [.. originals.Zip(Changes(), (original, change) => WeightDelta.Dense(original.Name, change))];
    }

    /// <summary>What has changed since, as tensors where the model is; the caller's dispose scope owns them.</summary>
    public IReadOnlyList<Tensor> Changes()
    {
        using var guard = no_grad();
        return [.. originals.Select(original => model.Parameter(original.Name) - original.Value)];
    }

    /// <summary>Puts the original values back, without ending the snapshot.</summary>
    public void Restore()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, value) in originals)
            model.Parameter(name).copy_(value);
    }

    /// <summary>Puts the original values back and frees the copies.</summary>
    public void Dispose()
    {
        if (originals.Count == 0)
            return;

        Restore();
        originals.ForEach(original => original.Value.Dispose());
        originals.Clear();
    }
}
