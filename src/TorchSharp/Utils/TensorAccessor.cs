using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>A CPU tensor's elements in row-major order, read and written in place. Good while the tensor lives.</summary>
public sealed class TensorAccessor<T> : IEnumerable<T>, IDisposable where T : unmanaged
{
    private readonly Tensor _tensor;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _contiguous;

    internal TensorAccessor(Tensor tensor)
    {
        (_tensor, _shape, _strides, _contiguous) = (tensor, tensor.shape, tensor.stride(), tensor.is_contiguous());
        Count = tensor.numel();
    }

    /// <summary>How many elements there are.</summary>
    public long Count { get; }

    /// <summary>The element at one position per dimension; with one position, in row-major order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A position lies outside.</exception>
    public unsafe T this[params long[] indices]
    {
        get => ((T*)_tensor.Pointer)[Offset(indices)];
        set => ((T*)_tensor.Pointer)[Offset(indices)] = value;
    }

    /// <summary>A copy of all elements.</summary>
    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    /// <summary>Copies all elements.</summary>
    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Copies all elements from a position on.</summary>
    public unsafe void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        array = array[arrayIndex..];
        var length = checked((int)(Count - tensorIndex));
        if (_contiguous)
        {
            new ReadOnlySpan<T>((T*)_tensor.Pointer + tensorIndex, length).CopyTo(array);
            GC.KeepAlive(_tensor);
            return;
        }
        for (var i = 0; i < length; i++)
            array[i] = this[tensorIndex + i];
    }

    /// <summary>Fills the tensor from an array.</summary>
    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Fills the tensor from a span.</summary>
    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        for (var i = arrayIndex; i < array.Length; i++)
            this[tensorIndex++] = array[i];
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Nothing to release: the tensor is its owner's.</summary>
    public void Dispose()
    {
    }

    private long Offset(long[] indices)
    {
        if (indices.Length != 1 && indices.Length != _shape.Length)
            throw new ArgumentOutOfRangeException(nameof(indices), $"{indices.Length} positions for {_shape.Length} dimensions");
        long rest = indices.Length > 0 ? indices[0] : 0, offset = 0;
        if (indices.Length == 1 && (rest < 0 || rest >= Count))
            throw new ArgumentOutOfRangeException(nameof(indices), rest, $"the tensor has {Count} elements");
        for (var dim = _shape.Length - 1; dim >= 0; dim--)
        {
            var place = indices.Length == 1 && _shape.Length != 1 ? rest % _shape[dim] : indices[dim];
            if (place < 0 || place >= _shape[dim])
                throw new ArgumentOutOfRangeException(nameof(indices), place, $"dimension {dim} has length {_shape[dim]}");
            offset += place * _strides[dim];
            rest /= _shape[dim];
        }
        return offset;
    }
}
