// B = batch, T = positions, I = MLP width, D = model width.
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>
/// Sees, and may replace, activations on their way through <see cref="Transformer.Run"/>. Every member returns its argument by default.
/// </summary>
/// <remarks>
/// Hooks run in the dispose scope of <see cref="Transformer.Run"/>'s caller: what they make lives there, and a replacement is never
/// disposed by the model. The argument itself is disposed when its layer is done; a hook that wants to keep it keeps a view or a clone.
/// </remarks>
public interface IActivationHook
{
    /// <summary>The attention's output, before the residual addition, [B, T, D].</summary>
    Tensor AttentionOutput(int layer, Tensor mixed_BTD) => mixed_BTD;

    /// <summary>What the MLP reads, behind its norm, [B, T, D]; looked at only.</summary>
    void MlpInput(int layer, Tensor normed_BTD)
    {
    }

    /// <summary>The down-projection's input ("key" of ROME), [B, T, I].</summary>
    Tensor DownProjectionInput(int layer, Tensor key_BTI) => key_BTI;

    /// <summary>The MLP's output, before the residual addition, [B, T, D].</summary>
    Tensor MlpOutput(int layer, Tensor value_BTD) => value_BTD;

    /// <summary>The layer's output on the residual stream, [B, T, D].</summary>
    Tensor LayerOutput(int layer, Tensor hidden_BTD) => hidden_BTD;
}

/// <summary>Hooks that are attached to a model, as one hook: each is given what the one before it made.</summary>
internal sealed class AttachedHooks(IReadOnlyList<IActivationHook> hooks) : IActivationHook
{
    /// <summary>Adds a hook to those that a model has, until the result is disposed.</summary>
    /// <param name="get">The hooks of the model, null where there are none.</param>
    /// <param name="set">Gives it others.</param>
    /// <param name="hook">The hook.</param>
    public static IDisposable Add(Func<AttachedHooks?> get, Action<AttachedHooks?> set, IActivationHook hook)
    {
        set(new AttachedHooks([.. get()?.All ?? [], hook]));
        return new Attachment(() =>
        {
            var left = get()!.All.ToList();
            left.RemoveAt(left.FindLastIndex(other => ReferenceEquals(other, hook)));
            set(left.Count == 0 ? null : new AttachedHooks(left));
        });
    }

    /// <summary>These, then another.</summary>
    public IActivationHook Before(IActivationHook? other) => other is null ? this : new AttachedHooks([.. hooks, other]);

    public Tensor AttentionOutput(int layer, Tensor mixed_BTD) =>
        hooks.Aggregate(mixed_BTD, (current, hook) => hook.AttentionOutput(layer, current));

    public void MlpInput(int layer, Tensor normed_BTD)
    {
        foreach (var hook in hooks) hook.MlpInput(layer, normed_BTD);
    }

    public Tensor DownProjectionInput(int layer, Tensor key_BTI) =>
        hooks.Aggregate(key_BTI, (current, hook) => hook.DownProjectionInput(layer, current));

    public Tensor MlpOutput(int layer, Tensor value_BTD) => hooks.Aggregate(value_BTD, (current, hook) => hook.MlpOutput(layer, current));

    public Tensor LayerOutput(int layer, Tensor hidden_BTD) =>
        hooks.Aggregate(hidden_BTD, (current, hook) => hook.LayerOutput(layer, current));

    private IReadOnlyList<IActivationHook> All => hooks;
}

/// <summary>What is in place until this is disposed, once.</summary>
internal sealed class Attachment(Action remove) : IDisposable
{
    private Action? remove = remove;

    public void Dispose() => Interlocked.Exchange(ref remove, null)?.Invoke();
}
