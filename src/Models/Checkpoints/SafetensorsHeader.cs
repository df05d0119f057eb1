using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Harness.Models.Json;
using static TorchSharp.torch;

namespace Harness.Models.Checkpoints;

/// <summary>One tensor of a safetensors file: bytes [Begin, End) of the data that follows the header.</summary>
internal sealed record SafetensorsEntry(string Name, SafetensorsDtype Dtype, long[] Shape, long Begin, long End)
{
    /// <summary>How many there are.</summary>
    public long Bytes => End - Begin;
}

/// <summary>Reads and checks a safetensors header whole, so that nothing read later can be out of place.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's own limit, in bytes.</summary>
    public const long MaxBytes = 100_000_000;

    public const string MetadataName = "__metadata__";
    private const string Again = "the file is damaged or not safetensors: copy or write it again";
    private static readonly string[] Quantised = ["F8", "F6", "F4", "I8"], Keys = ["dtype", "shape", "data_offsets"];
    private readonly string file;

    private SafetensorsHeader(string file, Stream stream)
    {
        this.file = file;
        var json = ReadJson(stream);
        DataStart = sizeof(ulong) + json.Length;
        var fields = JsonPlace.Parse($"{file}: header", json, new(Again), "a JSON object").Fields.ToList();
        var metadata = fields.Find(field => field.Name == MetadataName).Place?.Fields ?? [];
        Metadata = metadata.ToDictionary(field => field.Name, field => field.Place.Text(), StringComparer.Ordinal);
        Entries = [.. fields.Where(field => field.Name != MetadataName).Select(field => Entry(field.Name, field.Place))
            .OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)];
        CheckPlaces(stream.Length - DataStart);
    }

    /// <summary>In the order of their data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Where offset 0 of the data lies in the file.</summary>
    public long DataStart { get; }

    public static SafetensorsHeader Read(string file, Stream stream) => new(file, stream);

    private byte[] ReadJson(Stream stream)
    {
        if (stream.Length < sizeof(ulong)) throw Fail($"header: found a file of {stream.Length} bytes", $"at least {sizeof(ulong)}");
        Span<byte> lengthBytes = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(lengthBytes);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (length > MaxBytes)
        {
            throw StartOf(stream) is { } other
                ? new InputException($"{file}: {other}")
                : Fail($"header: found a length of {length} bytes", $"at most {MaxBytes}");
        }

        if (length > (ulong)(stream.Length - sizeof(ulong)))
        {
            throw Fail($"header: found a length of {length} bytes", $"at most the {stream.Length - sizeof(ulong)} bytes that follow it");
        }

        var json = new byte[length];
        stream.ReadExactly(json);
        return json;
    }

    // Texts and archives begin with what is an impossible length here.
    private static string? StartOf(Stream stream)
    {
        stream.Position = 0;
        var start = new byte[64];
        return GivenInstead.OfFile(start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
    }

    private static SafetensorsEntry Entry(string name, JsonPlace place)
    {
        place.Only(null, _ => Again, Keys);
        var dtype = place["dtype"].Text() is var type && SafetensorsDtype.Find(type) is { } known ? known : throw place["dtype"].Wrong(
            SafetensorsDtype.Known, Quantised.Any(type.StartsWith) ? "the checkpoint is quantised: take the one that it was made from"
                : "convert the checkpoint to one of these");
        var (shape, offsets) = (Numbers(place["shape"]), Numbers(place["data_offsets"]));
        if (offsets.Length != 2 || offsets[0] > offsets[1]) throw place["data_offsets"].Wrong("[begin, end] with begin ≤ end");
        var (found, expected) = (offsets[1] - offsets[0], Bytes(shape, dtype.Size));
        return found == expected ? new(name, dtype, shape, offsets[0], offsets[1]) : throw place.Error(
            $"{found} bytes of data",
            $"{expected?.ToString() ?? "more than 2^63"} for shape [{string.Join(", ", shape)}] of {dtype.Name}");

        static long[] Numbers(JsonPlace list) => [.. list.Items.Select(item => item.Integer(0L, long.MaxValue))];
    }

    private void CheckPlaces(long dataBytes)
    {
        var end = 0L;
        var before = "the data's start";
        foreach (var entry in Entries)
        {
            if (entry.Begin != end)
            {
                var fault = entry.Begin < end ? "an overlap" : "a hole";
                throw Fail($"{Where(entry.Name)}: found {fault}, data from offset {entry.Begin}", $"{end}, the end of {before}");
            }

            end = entry.End;
            before = Where(entry.Name);
        }

        if (end != dataBytes) throw Fail($"{before}: found {dataBytes} bytes of data in the file", $"{end}, where the last tensor ends");
    }

    /// <summary>Null where the size does not fit 63 bits.</summary>
    private static long? Bytes(long[] shape, int elementSize)
    {
        if (shape.Contains(0)) return 0;
        Int128 bytes = elementSize;
        foreach (var extent in shape)
        {
            bytes *= extent;
            if (bytes > long.MaxValue) return null;
        }

        return (long)bytes;
    }

    private static string Where(string name) => $"tensor '{name}'";

    private InputException Fail(string found, string expected) => new($"{file}: {found}, expected {expected}; {Again}");
}

/// <summary>Makes a safetensors header: the same tensors and metadata always give the same bytes.</summary>
internal static class SafetensorsHeaderWriter
{
    /// <summary>The length and the header as they stand in the file.</summary>
    /// <exception cref="ArgumentException">A name given twice or reserved, or a dtype that cannot be written.</exception>
    public static byte[] Bytes(IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[sizeof(ulong)]);
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            WriteEntries(json, tensors);
            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        var bytes = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)(bytes.Length - sizeof(ulong)));
        return bytes;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is not { Count: > 0 }) return;
        json.WriteStartObject(SafetensorsHeader.MetadataName);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntries(Utf8JsonWriter json, IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataName };
        var offset = 0L;
        foreach (var (name, value) in tensors)
        {
            if (!names.Add(name)) throw new ArgumentException($"tensor '{name}': the name is given twice or reserved", nameof(tensors));
            var dtype = SafetensorsDtype.Find(value.dtype) ?? throw new ArgumentException(
                $"tensor '{name}': found dtype {value.dtype}, expected one of {SafetensorsDtype.Known}", nameof(tensors));
            json.WriteStartObject(name);
            json.WriteString("dtype", dtype.Name);
            WriteNumbers(json, "shape", value.shape);
            WriteNumbers(json, "data_offsets", [offset, offset += value.numel() * dtype.Size]);
            json.WriteEndObject();
        }
    }

    private static void WriteNumbers(Utf8JsonWriter json, string key, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(key);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}

/// <summary>The element types of safetensors files that the harness reads and writes.</summary>
internal sealed record SafetensorsDtype(string Name, ScalarType Type, int Size)
{
    private static readonly SafetensorsDtype[] All =
    [
        new("F64", ScalarType.Float64, 8),
        new("F32", ScalarType.Float32, 4),
        new("F16", ScalarType.Float16, 2),
        new("BF16", ScalarType.BFloat16, 2),
        new("I64", ScalarType.Int64, 8),
        new("I32", ScalarType.Int32, 4),
        new("U8", ScalarType.Byte, 1),
        new("BOOL", ScalarType.Bool, 1),
    ];

    public static string Known { get; } = string.Join(", ", All.Select(dtype => dtype.Name));

    public static SafetensorsDtype? Find(string name) => Array.Find(All, dtype => dtype.Name == name);

    public static SafetensorsDtype? Find(ScalarType type) => Array.Find(All, dtype => dtype.Type == type);
}
