using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using static TorchSharp.torch;

namespace Harness.Models.Checkpoints;

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
