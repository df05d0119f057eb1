// O = model width, I = MLP width.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Wise;

/// <summary>The live weight while it stands in for its side copy; the model's own value is back whenever nothing is held.</summary>
internal sealed class SideWeight(Transformer model, string name) : IDisposable
{
    private readonly WeightSnapshot own = new(model, [name]);

    /// <summary>Name of the parameter.</summary>
    public string Name => name;

    /// <summary>The live weight, [O, I].</summary>
    public Tensor Weight_OI => model.Parameter(name);

    /// <summary>The model's own value, [O, I].</summary>
    public Tensor Original_OI => own.Original(name);

    /// <summary>Adds a change to the live weight until the result is disposed.</summary>
    public IDisposable Holding(Tensor delta_OI)
    {
        using var guard = no_grad();
        Weight_OI.PlusInPlace(delta_OI);
        return new Held(own);
    }

    /// <summary>How the live weight differs from the model's own now, [O, I] float32, in the caller's dispose scope.</summary>
    public Tensor Delta()
    {
        using var guard = no_grad();
        return Weight_OI.detach() - Original_OI;
    }

    /// <inheritdoc/>
    public void Dispose() => own.Dispose();

    private sealed class Held(WeightSnapshot own) : IDisposable
    {
        public void Dispose() => own.Restore();
    }
}
