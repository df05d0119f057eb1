using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>An operator's argument on its way to libtorch: a tag, its bits and, to keep it alive, the object that owns them.</summary>
internal readonly unsafe struct Arg
{
    private readonly long _bits;

    private Arg(Tag tag, long bits, object? owner = null) => (Tag, _bits, Owner) = (tag, bits, owner);

    public Tag Tag { get; }

    public object? Owner { get; }

    public static implicit operator Arg(Tensor? tensor) => new(tensor is null ? Tag.None : Tag.Tensor, 0, tensor);
    public static implicit operator Arg(long value) => new(Tag.Integer, value);
    public static implicit operator Arg(long? value) => value is { } given ? given : default(Arg);
    public static implicit operator Arg(double value) => new(Tag.Real, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(double? value) => value is { } given ? given : default(Arg);
    public static implicit operator Arg(bool value) => new(Tag.Boolean, value ? 1 : 0);
    public static implicit operator Arg(long[]? values) => new(values is null ? Tag.None : Tag.Integers, 0, values);
    public static implicit operator Arg(ReadOnlySpan<long> values) => values.ToArray();
    public static implicit operator Arg(Tensor[]? tensors) => new(tensors is null ? Tag.None : Tag.Tensors, 0, tensors);
    public static implicit operator Arg(Scalar? value) => value is null ? default : new(value.Tag, value.Bits);
    public static implicit operator Arg(ScalarType type) => new(Tag.Integer, (long)type);
    public static implicit operator Arg(ScalarType? type) => type is { } given ? given : default(Arg);
    public static implicit operator Arg(Device? device) => new(device is null ? Tag.None : Tag.Device, 0, device);
    public static implicit operator Arg(Generator? generator) => new(generator is null ? Tag.None : Tag.Generator, 0, generator);
    public static implicit operator Arg(string? text) => new(text is null ? Tag.None : Tag.Text, 0, text);

    /// <summary>An argument that is not given: libtorch's None.</summary>
    public static Arg None => default;

    /// <summary>A list in which a tensor may be absent, as aten::index wants it.</summary>
    public static Arg Optional(Tensor?[] tensors) => new(Tag.OptionalTensors, 0, tensors);

    /// <summary>How many 8-byte words the argument needs beside its <see cref="Value"/>.</summary>
    public int Room => Owner switch
    {
        null or Tensor => 0,
        Tensor?[] tensors => tensors.Length,
        long[] values => values.Length,
        string text => (Encoding.UTF8.GetMaxByteCount(text.Length) + 7) / 8,
        _ => 0,
    };

    /// <summary>Writes the argument, its list into <paramref name="room"/>.</summary>
    /// <exception cref="InvalidOperationException">A tensor or generator was disposed, or one in a list is null.</exception>
    public void Pack(Value* value, ref long* room)
    {
        value->Tag = Tag;
        value->Count = 0;
        value->Bits = _bits;
        switch (Tag)
        {
            case Tag.Tensor:
                value->Bits = ((Tensor)Owner!).Handle;
                break;
            case Tag.Device:
                value->Count = (int)((Device)Owner!).type;
                value->Bits = ((Device)Owner).index;
                break;
            case Tag.Generator:
                value->Bits = ((Generator)Owner!).Handle;
                break;
            case Tag.Integers:
                var integers = (long[])Owner!;
                integers.CopyTo(new Span<long>(room, integers.Length));
                Listed(value, ref room, integers.Length, integers.Length);
                break;
            case Tag.Tensors or Tag.OptionalTensors:
                var tensors = (Tensor?[])Owner!;
                for (var i = 0; i < tensors.Length; i++)
                    room[i] = tensors[i]?.Handle ?? (Tag == Tag.OptionalTensors ? 0 : throw Missing(i));
                Listed(value, ref room, tensors.Length, tensors.Length);
                break;
            case Tag.Text:
                var text = (string)Owner!;
                var length = Encoding.UTF8.GetBytes(text, new Span<byte>(room, Room * 8));
                Listed(value, ref room, length, Room);
                break;
        }
    }

    /// <summary>The argument as an error message shows it.</summary>
    public override string ToString() => Owner switch
    {
        Tensor tensor => tensor.ToString(),
        Tensor?[] tensors => $"[{string.Join(", ", tensors.Select(tensor => tensor?.ToString() ?? "none"))}]",
        long[] values => $"[{string.Join(", ", values)}]",
        null when Tag == Tag.None => "none",
        null => Scalar.From(new Value { Tag = Tag, Bits = _bits }).ToString(),
        _ => Owner.ToString()!,
    };

    private static InvalidOperationException Missing(int place) => new($"tensor {place + 1} of the list is null");

    private static void Listed(Value* value, ref long* room, int count, int words)
    {
        value->Count = count;
        value->Bits = (nint)room;
        room += words;
    }
}
