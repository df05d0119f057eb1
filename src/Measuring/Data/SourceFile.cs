using Harness.Models.Json;

namespace Harness.Measuring.Data;

/// <summary>A published file: one JSON list of objects.</summary>
internal static class SourceFile
{
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
}
