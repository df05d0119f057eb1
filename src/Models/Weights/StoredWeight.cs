// N = elements.
using Harness.Models.Checkpoints;
using Harness.Models.Families;
using static TorchSharp.torch;

namespace Harness.Models.Weights;

/// <summary>
/// A parameter in a checkpoint's file, in the file's dtype; read on demand, and kept in that dtype while the cache has room.
/// </summary>
/// <param name="checkpoint">The open checkpoint; shared, and closed by the model.</param>
/// <param name="place">The tensor that holds the parameter.</param>
/// <param name="index">Which of the tensor's parameters it is.</param>
/// <param name="cache">Room for what is kept, and buffers; shared by the model's weights.</param>
internal sealed class StoredWeight(Checkpoint checkpoint, CheckpointTensor place, int index, WeightCache cache)
{
    private readonly SafetensorsEntry entry = checkpoint[place.Name];
    private readonly long elements = place.Parameters[index].Shape.Aggregate(1L, (product, extent) => product * extent);
    private Tensor? kept;
    private bool isChecked;

    public long[] Shape => place.Parameters[index].Shape;

    public ScalarType Dtype => entry.Dtype.Type;

    /// <summary>The values in float32 on the model's device, until the result is disposed.</summary>
    /// <exception cref="InputException">The file has become unreadable, or a value is not finite.</exception>
    public WeightCache.Lease Read()
    {
        var lease = cache.Rent(ScalarType.Float32, cache.Device, elements, Shape);
        try
        {
            Keep();
            FillChecked(lease.Value);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>The values in float32 on the model's device, in the parameter's shape, as a tensor of the caller's dispose scope.</summary>
    /// <exception cref="InputException">As <see cref="Read"/>.</exception>
    public Tensor ReadNew()
    {
        using var scope = NewDisposeScope();
        var values = empty(Shape, dtype: ScalarType.Float32, device: cache.Device);
        FillChecked(values);
        return values.MoveToOuterDisposeScope();
    }

    /// <summary>Rows of a matrix, converted after they are taken.</summary>
    /// <exception cref="InputException">As <see cref="Read"/>, for these rows.</exception>
    public Tensor Rows(Tensor rows_N)
    {
        using var scope = NewDisposeScope();
        Keep();
        var value = (kept ?? Stored()).index_select(0, rows_N).to(ScalarType.Float32);
        if (!isChecked) checkpoint.CheckFinite(place.Name, value);
        return value.MoveToOuterDisposeScope();
    }

    /// <summary>Frees what was kept.</summary>
    public void Forget()
    {
        if (kept is null) return;
        cache.Free(kept);
        kept = null;
    }

    private void FillChecked(Tensor values)
    {
        using var gradientless = no_grad();
        using var scope = NewDisposeScope();
        if (kept is not null) values.copy_(kept);
        else FillFromFile(values);
        if (!isChecked) checkpoint.CheckFinite(place.Name, values);
        isChecked = true;
    }

    private void FillFromFile(Tensor values)
    {
        using var raw = cache.Rent(Dtype, CPU, entry.Bytes / entry.Dtype.Size, place.Shape);
        checkpoint.Read(place.Name, raw.Value);
        var part = place.Part(raw.Value, index);

        // libtorch transposes a whole matrix of one dtype, and converts along rows, many times as fast as it does both at once.
        values.copy_(part.is_contiguous() || part.dim() != 2 ? part : part.t().contiguous().t().contiguous());
    }

    private void Keep()
    {
        if (kept is not null || !cache.Keep(elements * entry.Dtype.Size)) return;
        using var scope = NewDisposeScope();
        kept = Stored().DetachFromDisposeScope();
    }

    // In the file's dtype, on the model's device, in the caller's dispose scope.
    private Tensor Stored() => place.Part(checkpoint.Read(place.Name), index).to(cache.Device).contiguous();
}

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

    /// <summary>A buffer of N elements in a shape, until the result is disposed.</summary>
    public Lease Rent(ScalarType dtype, Device where, long elements, long[] shape)
    {
        lock (buffers)
        {
            if (!buffers.TryGetValue((dtype, where, elements), out var stack)) buffers[(dtype, where, elements)] = stack = new();
            if (stack.TryPop(out var buffer)) return new Lease(buffer, shape, where, this);
        }

        return new Lease(empty([elements], dtype: dtype, device: where).DetachFromDisposeScope(), shape, where, this);
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
    internal sealed class Lease(Tensor buffer, long[] shape, Device where, WeightCache owner) : IDisposable
    {
        private bool isReturned;

        /// <summary>The buffer in its shape; good until disposal.</summary>
        public Tensor Value { get; } = buffer.view(shape).DetachFromDisposeScope();

        public void Dispose()
        {
            if (isReturned) return;
            isReturned = true;
            Value.Dispose();
            owner.Return(buffer, where);
        }
    }
}
