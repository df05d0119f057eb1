using Harness.Models.Families;
using static TorchSharp.torch;

namespace Harness.Models.Weights;

/// <summary>A parameter in a checkpoint's file, in the file's dtype; read on demand, and kept in that dtype while the cache has room.</summary>
/// <param name="checkpoint">The open checkpoint; shared, and closed by the model.</param>
/// <param name="place">The tensor that holds the parameter.</param>
/// <param name="index">Which of the tensor's parameters it is.</param>
/// <param name="cache">Room for what is kept; shared by the model's weights.</param>
internal sealed class StoredWeight(Checkpoint checkpoint, CheckpointTensor place, int index, WeightCache cache) : IDisposable
{
    private Tensor? kept;
    private bool isChecked;

    public long[] Shape => place.Parameters[index].Shape;

    public ScalarType Dtype { get; } = checkpoint.DtypeOf(place.Name);

    /// <summary>The values in float32, on the model's device. The caller must not change them where the file is float32 too.</summary>
    /// <exception cref="InputException">The file has become unreadable, or a value is not finite.</exception>
    public Tensor Read()
    {
        using var scope = NewDisposeScope();
        var value = Stored().to(ScalarType.Float32);
        if (!isChecked) checkpoint.CheckFinite(place.Name, value);
        isChecked = true;
        return value.MoveToOuterDisposeScope();
    }

    /// <summary>Rows of a matrix, converted after they are taken.</summary>
    public Tensor Rows(Tensor rows_N)
    {
        using var scope = NewDisposeScope();
        return Stored().index_select(0, rows_N).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Frees what was kept.</summary>
    public void Forget()
    {
        if (kept is null) return;
        cache.Free(kept);
        kept = null;
    }

    public void Dispose() => Forget();

    // In the file's dtype; in the caller's dispose scope unless it is kept.
    private Tensor Stored()
    {
        if (kept is not null) return kept;
        var part = place.Part(checkpoint.Read(place.Name), index).to(cache.Device).contiguous();
        return cache.Keep(part) ? kept = part.DetachFromDisposeScope() : part;
    }
}

/// <summary>How much of a streamed model is kept in memory, and where its computation runs.</summary>
/// <param name="device">Device of everything that is read.</param>
/// <param name="bytes">Most bytes kept in the checkpoint's dtype.</param>
internal sealed class WeightCache(Device device, long bytes)
{
    private long free = bytes;

    public Device Device => device;

    /// <summary>Whether nothing new is kept: a pass that uses each weight once gains nothing from it.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Whether there is room for a tensor; it then counts until <see cref="Free"/>.</summary>
    public bool Keep(Tensor part)
    {
        var size = part.element_size() * part.numel();
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
}
