// B = batch, T = positions, I = MLP width, D = model width.
using static TorchSharp.torch;

namespace Harness.Models;

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

    /// <inheritdoc/>
    public Tensor AttentionOutput(int layer, Tensor mixed_BTD) =>
        hooks.Aggregate(mixed_BTD, (current, hook) => hook.AttentionOutput(layer, current));

    /// <inheritdoc/>
    public void MlpInput(int layer, Tensor normed_BTD)
    {
        foreach (var hook in hooks) hook.MlpInput(layer, normed_BTD);
    }

    /// <inheritdoc/>
    public Tensor DownProjectionInput(int layer, Tensor key_BTI) =>
        hooks.Aggregate(key_BTI, (current, hook) => hook.DownProjectionInput(layer, current));

    /// <inheritdoc/>
    public Tensor MlpOutput(int layer, Tensor value_BTD) => hooks.Aggregate(value_BTD, (current, hook) => hook.MlpOutput(layer, current));

    /// <inheritdoc/>
    public Tensor LayerOutput(int layer, Tensor hidden_BTD) =>
        hooks.Aggregate(hidden_BTD, (current, hook) => hook.LayerOutput(layer, current));

    private IReadOnlyList<IActivationHook> All => hooks;

    private sealed class Attachment(Action remove) : IDisposable
    {
        private bool disposed;

        public void Dispose()
        {
            if (disposed) return;
            disposed = true;
            remove();
        }
    }
}
