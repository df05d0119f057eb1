using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Models.Json;

namespace Harness.Measuring.Data;

/// <summary>A published file: one JSON list of objects.</summary>
internal static class SourceFile
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Reads every record of a file.</summary>
    /// <typeparam name="T">What a record is read as.</typeparam>
    /// <param name="file">The file.</param>
    /// <param name="read">Reads one record; the number counts from 0.</param>
    /// <exception cref="InputException">The file cannot be read, is no list of objects, or a record is malformed.</exception>
    public static IReadOnlyList<T> Read<T>(string file, Func<SourceRecord, int, T> read)
    {
        var records = JsonPlace.Read(file, new("fetch the published file again"), "a list of records");
        return [.. records.Items.Select((record, i) =>
            read(new SourceRecord(JsonPlace.Of($"{file}: record {i + 1}", record.Value, SourceRecord.Voice).Whole()), i))];
    }

    /// <summary>Writes records as an indented list; equal records give equal bytes.</summary>
    public static void Write(string file, IEnumerable<JsonObject> records)
    {
        using var stream = File.Create(file);
        using (var writer = new Utf8JsonWriter(stream, Indented)) new JsonArray([.. records]).WriteTo(writer);
        stream.WriteByte((byte)'\n');
    }
}
