using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.CheckpointEdits;

/// <summary>The reports of the edits that a model's folder has been through.</summary>
/// <param name="Rounds">Each whole, without a history of its own; oldest first.</param>
internal sealed record EditHistory(IReadOnlyList<JsonObject> Rounds)
{
    private const string History = "history", Schema = "schema", Written = "written";

    // A report of ten thousand facts takes a few megabytes.
    private const long MostBytes = 256L << 20;
    private const int MostDepth = 32;

    /// <summary>Reads the report in a model's folder; no rounds where there is none.</summary>
    /// <exception cref="InputException">It is damaged, or is none of this harness: what it tells would be lost.</exception>
    public static EditHistory Read(string modelFolder)
    {
        var file = Path.Combine(modelFolder, FactOutput.ReportFile);
        if (!Path.Exists(file)) return new EditHistory([]);
        try
        {
            using var stream = File.OpenRead(file);
            if (stream.Length > MostBytes) throw new JsonException($"it has {stream.Length} bytes, more than {MostBytes}");
            var newest = Report(
                JsonNode.Parse(stream, null, new JsonDocumentOptions { MaxDepth = MostDepth, AllowDuplicateProperties = false }));
            JsonObject[] earlier = newest.Remove(History, out var list)
                ? [.. (list as JsonArray ?? throw new JsonException($"\"{History}\" is no list"))
                    .Select(round => Report(round?.DeepClone()))]
                : [];

            // Texts that are no Unicode are only found where they are written.
            _ = newest.ToJsonString(CanonicalJson.Settings)
                + string.Concat(earlier.Select(round => round.ToJsonString(CanonicalJson.Settings)));
            return new EditHistory([.. earlier, newest]);
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{file}: found no report of an edit ({cause.Message.TrimEnd('.')}), " +
                    "expected the one that belongs to the edited model, to keep it as history; "
                + "bring it back, or rename the file where it is something else", cause);
        }
    }

    /// <summary>Whether the last round wrote these files; null where there was none, or it does not say what it wrote.</summary>
    /// <param name="edited">SHA-256 of the files as they are, by name.</param>
    public bool? Wrote(IReadOnlyDictionary<string, string> edited) =>
        Rounds.Count == 0 || Rounds[^1][Written] is not JsonObject written ? null
        : written.Count == edited.Count
            && edited.All(file => written[file.Key] is JsonValue hash && hash.TryGetValue<string>(out var text) && text == file.Value);

    // What every version has written; later ones may mean something else by the same names.
    private static JsonObject Report(JsonNode? node)
    {
        if (node is not JsonObject report || !Is(report["harness"], JsonValueKind.String) || !Is(report["editor"], JsonValueKind.String)
            || report["facts"] is not JsonArray)
            throw new JsonException("it lacks \"harness\", \"editor\" or \"facts\"");
        if (report[Schema] is { } schema && !(
            schema is JsonValue number && number.TryGetValue<int>(out var version) && version is > 0 and <= FactEditReport.CurrentSchema))
            throw new JsonException($"its schema is {schema.ToJsonString()}, " +
                $"expected at most {FactEditReport.CurrentSchema}: it is of a later version of the harness");
        return report;
    }

    private static bool Is(JsonNode? node, JsonValueKind kind) => node?.GetValueKind() == kind;
}
