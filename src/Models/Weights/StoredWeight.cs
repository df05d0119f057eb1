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
    private readonly long elements = place.Parameters[index].Shape.Aggregate(1L, (product, extent) => product * extent);
    private Tensor? kept;
    private bool isChecked;

    public long[] Shape => place.Parameters[index].Shape;

    public ScalarType Dtype { get; } = checkpoint.DtypeOf(place.Name);

    /// <summary>The values in float32 on the model's device, until the result is disposed.</summary>
    /// <exception cref="InputException">The file has become unreadable, or a value is not finite.</exception>
    public WeightCache.Lease Read()
    {
        var lease = cache.Rent(ScalarType.Float32, cache.Device, elements);
        try
        {
            Keep();
            FillChecked(lease.Buffer);
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

    // Of the parameter's elements, in any shape.
    private void FillChecked(Tensor buffer)
    {
        using var gradientless = no_grad();
        using var scope = NewDisposeScope();
        var values = buffer.view(Shape);
        if (kept is not null) values.copy_(kept);
        else FillFromFile(values);
        if (!isChecked) checkpoint.CheckFinite(place.Name, values);
        isChecked = true;
    }

    private void FillFromFile(Tensor values)
    {
        using var raw = cache.Rent(Dtype, CPU, checkpoint.BytesOf(place.Name) / checkpoint.ElementSizeOf(place.Name));
        checkpoint.Read(place.Name, raw.Buffer);
        var part = place.Part(raw.Buffer.view(place.Shape), index);

        // libtorch transposes a whole matrix of one dtype, and converts along rows, many times as fast as it does both at once.
        values.copy_(part.is_contiguous() || part.dim() != 2 ? part : part.t().contiguous().t().contiguous());
    }

    private void Keep()
    {
        if (kept is not null || !cache.Keep(elements * checkpoint.ElementSizeOf(place.Name))) return;
        using var scope = NewDisposeScope();
        kept = Stored().DetachFromDisposeScope();
    }

    // In the file's dtype, on the model's device, in the caller's dispose scope.
    private Tensor Stored() => place.Part(checkpoint.Read(place.Name), index).to(cache.Device).contiguous();
}
