using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    private const string OnlyArrays = "a tensor is made from an array of numbers or truth values";

    public static Tensor tensor(bool scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        full([], scalar, dtype ?? ScalarType.Bool, device, requires_grad);
    public static Tensor tensor(byte scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        full([], scalar, dtype ?? ScalarType.Byte, device, requires_grad);
    public static Tensor tensor(sbyte scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        full([], scalar, dtype ?? ScalarType.Int8, device, requires_grad);
    public static Tensor tensor(short scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        full([], scalar, dtype ?? ScalarType.Int16, device, requires_grad);
    public static Tensor tensor(int scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        full([], scalar, dtype ?? ScalarType.Int32, device, requires_grad);
    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        full([], scalar, dtype ?? ScalarType.Int64, device, requires_grad);
    public static Tensor tensor(float scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        full([], scalar, dtype ?? ScalarType.Float32, device, requires_grad);
    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        full([], scalar, dtype ?? ScalarType.Float64, device, requires_grad);

    /// <summary>A vector with a copy of the array; its type is the elements' where none is given.</summary>
    public static Tensor tensor<T>(T[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => tensor(rawArray, [rawArray.Length], dtype, device, requires_grad);

    public static Tensor tensor<T>(IList<T> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => tensor(rawArray as T[] ?? [.. rawArray], [rawArray.Count], dtype, device, requires_grad);

    /// <summary>A tensor of the given shape with a copy of the elements, which stand in row-major order.</summary>
    public static Tensor tensor<T>(
        IList<T> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => tensor(rawArray as T[] ?? [.. rawArray], dimensions, dtype, device, requires_grad);

    public static Tensor tensor<T>(
        T[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => Copy<T>(rawArray, dimensions, dtype, device, requires_grad);

    public static Tensor tensor<T>(
        Memory<T> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => Copy<T>(rawArray.Span, dimensions, dtype, device, requires_grad);

    public static Tensor tensor<T>(
        IList<T> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => tensor(rawArray, [rows, columns], dtype, device, requires_grad);

    public static Tensor tensor<T>(
        IList<T> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => tensor(rawArray, [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor tensor<T>(
        IList<T> rawArray,
        long dim0,
        long dim1,
        long dim2,
        long dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false)
        where T : unmanaged => tensor(rawArray, [dim0, dim1, dim2, dim3], dtype, device, requires_grad);

    public static Tensor tensor<T>(T[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => from_array(rawArray, dtype, device, requires_grad);

    public static Tensor tensor<T>(T[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => from_array(rawArray, dtype, device, requires_grad);

    /// <summary>A tensor with the array's shape and a copy of its elements.</summary>
    /// <exception cref="ArgumentException">The elements are not numbers or truth values.</exception>
    public static Tensor from_array(Array rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var shape = new long[rawArray.Rank];
        for (var dim = 0; dim < shape.Length; dim++)
            shape[dim] = rawArray.GetLongLength(dim);
        return rawArray.GetType().GetElementType() switch
        {
            var type when type == typeof(float) => Copy(Elements<float>(rawArray), shape, dtype, device, requires_grad),
            var type when type == typeof(double) => Copy(Elements<double>(rawArray), shape, dtype, device, requires_grad),
            var type when type == typeof(long) => Copy(Elements<long>(rawArray), shape, dtype, device, requires_grad),
            var type when type == typeof(int) => Copy(Elements<int>(rawArray), shape, dtype, device, requires_grad),
            var type when type == typeof(short) => Copy(Elements<short>(rawArray), shape, dtype, device, requires_grad),
            var type when type == typeof(sbyte) => Copy(Elements<sbyte>(rawArray), shape, dtype, device, requires_grad),
            var type when type == typeof(byte) => Copy(Elements<byte>(rawArray), shape, dtype, device, requires_grad),
            var type when type == typeof(bool) => Copy(Elements<bool>(rawArray), shape, dtype, device, requires_grad),
            var type when type == typeof(Half) => Copy(Elements<Half>(rawArray), shape, dtype, device, requires_grad),
            _ => throw new ArgumentException(OnlyArrays, nameof(rawArray)),
        };
    }

    /// <summary>A vector of <paramref name="count"/> elements (-1: all) from an offset in elements on, converted to the type.</summary>
    public static Tensor frombuffer(
        Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false, Device? device = null)
    {
        using var whole = from_array(rawArray).DetachFromDisposeScope();
        using var part = whole.narrow(0, offset, count < 0 ? whole.numel() - offset : count).DetachFromDisposeScope();
        return With(Aten.One("_to_copy", part, dtype, Arg.None, device), requires_grad);
    }

    private static Span<T> Elements<T>(Array array) where T : unmanaged =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);

    private static Tensor Copy<T>(ReadOnlySpan<T> elements, ReadOnlySpan<long> shape, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged
    {
        long expected = 1;
        foreach (var length in shape)
            expected *= length;
        if (expected != elements.Length)
            throw new ArgumentException($"{elements.Length} elements do not fill the shape [{string.Join(", ", shape.ToArray())}]");
        var type = TypeOf(typeof(T));
        var copy = empty(shape, type);
        elements.CopyTo(MemoryMarshal.Cast<byte, T>(copy.bytes));
        if ((dtype ?? type) == type && (device is null || device.type == DeviceType.CPU))
            return With(copy, requires_grad);
        using (copy.DetachFromDisposeScope())
            return With(Aten.One("_to_copy", copy, dtype ?? type, Arg.None, device), requires_grad);
    }

    /// <summary>Sets the flag only where it is wanted: types without gradients refuse it.</summary>
    private static Tensor With(Tensor made, bool requires_grad) => requires_grad ? made.requires_grad_() : made;
}
