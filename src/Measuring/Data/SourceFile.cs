using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Models.Json;

namespace Harness.Measuring.Data;

/// <summary>A published file: one JSON list of objects.</summary>
internal static class SourceFile
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

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
        using var document = Parse(file);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new InputException($"{file}: found {JsonTexts.Name(document.RootElement)}, expected a list of records; fetch the " +
                "published file again");
        }

        return [.. document.RootElement.EnumerateArray().Select((json, i) => json.ValueKind == JsonValueKind.Object
            ? read(new SourceRecord(file, i + 1, "", json), i)
            : throw new InputException($"{file}: record {i + 1}: found {JsonTexts.Name(json)}, expected an object; fetch the " +
                "published file again"))];
    }

    /// <summary>Writes records as an indented list; equal records give equal bytes.</summary>
    public static void Write(string file, IEnumerable<JsonObject> records)
    {
        using var stream = File.Create(file);
        using (var writer = new Utf8JsonWriter(stream, Indented)) new JsonArray([.. records]).WriteTo(writer);
        stream.WriteByte((byte)'\n');
    }

    private static JsonDocument Parse(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return JsonDocument.Parse(stream, Strict);
        }
        catch (JsonException cause)
        {
            throw new InputException($"{file}: found no valid JSON ({cause.Message}), expected a list of records; fetch the published " +
                "file again", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: found no readable file ({cause.Message}), expected a list of records; " +
                "check its path", cause);
        }
    }
}
