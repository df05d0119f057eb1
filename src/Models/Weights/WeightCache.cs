// N = elements.
using static TorchSharp.torch;

namespace Harness.Models.Weights;

/// <summary>
/// The memory of a streamed model: how much is kept in the checkpoint's dtype, and the buffers that weights are read into. A fresh buffer
/// costs its page faults, ten times what reading into it costs: they are used again and again.
/// </summary>
/// <param name="device">Device of everything that is read.</param>
/// <param name="bytes">Most bytes kept in the checkpoint's dtype.</param>
internal sealed class WeightCache(Device device, long bytes) : IDisposable
{
    private readonly Dictionary<(ScalarType Dtype, Device Device, long Elements), Stack<Tensor>> buffers = [];
    private long free = bytes;

    public Device Device => device;

    /// <summary>Whether nothing new is kept: a pass that uses each weight once gains nothing from it.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Whether there is room for a tensor; it then counts until <see cref="Free"/>.</summary>
    public bool Keep(long size)
    {
        if (IsPaused || size > free) return false;
        free -= size;
        return true;
    }

    /// <summary>Disposes what was kept.</summary>
    public void Free(Tensor kept)
    {
        free += kept.element_size() * kept.numel();
        kept.Dispose();
    }

    /// <summary>A buffer [N] until the result is disposed.</summary>
    public Lease Rent(ScalarType dtype, Device where, long elements)
    {
        lock (buffers)
        {
            if (!buffers.TryGetValue((dtype, where, elements), out var stack)) buffers[(dtype, where, elements)] = stack = new();
            if (stack.TryPop(out var buffer)) return new Lease(buffer, where, this);
        }

        return new Lease(empty([elements], dtype: dtype, device: where).DetachFromDisposeScope(), where, this);
    }

    /// <summary>Frees the buffers that nobody uses.</summary>
    public void Trim()
    {
        lock (buffers)
        {
            foreach (var buffer in buffers.Values.SelectMany(stack => stack)) buffer.Dispose();
            buffers.Clear();
        }
    }

    public void Dispose() => Trim();

    private void Return(Tensor buffer, Device where)
    {
        lock (buffers)
        {
            if (buffers.TryGetValue((buffer.dtype, where, buffer.numel()), out var stack)) stack.Push(buffer);
            else buffer.Dispose();
        }
    }

    /// <summary>A buffer in use.</summary>
    internal sealed class Lease(Tensor buffer, Device where, WeightCache owner) : IDisposable
    {
        private bool isReturned;

        /// <summary>[N].</summary>
        public Tensor Buffer => buffer;

        public void Dispose()
        {
            if (isReturned) return;
            isReturned = true;
            owner.Return(buffer, where);
        }
    }
}
