using System.Text.Json;
using Harness.Studies.Data;

namespace Harness.Studies.Facts;

/// <summary>One JSON object of a file of lines, or one inside it, read strictly: every error names the line and the key.</summary>
internal sealed class JsonLine
{
    private readonly string where;
    private readonly JsonElement json;

    private JsonLine(string where, JsonElement json) => (this.where, this.json) = (where, json);

    /// <summary>Reads the object on a line.</summary>
    /// <param name="where"><c>file(line)</c>.</param>
    /// <param name="text">The line.</param>
    /// <param name="example">What a line looks like, for errors.</param>
    /// <exception cref="InputException">The line holds no JSON object.</exception>
    public static JsonLine Read(string where, string text, string example)
    {
        if (text.Trim().Length == 0) throw new InputException($"{where}: found an empty line, expected {example}; delete it");
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonLine(where, document.RootElement.Clone())
                : throw new InputException($"{where}: found {SourceRecord.Name(document.RootElement)}, expected {example}; write one object a line");
        }
        catch (JsonException cause)
        {
            var reason = cause.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw new InputException(
                $"{where}: found no valid JSON at byte {cause.BytePositionInLine + 1} ({reason}), expected {example}; correct the line", cause);
        }
    }

    /// <summary>Refuses keys that are not known, and keys that stand twice.</summary>
    public void CheckKeys(params string[] known)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in json.EnumerateObject().Select(property => property.Name))
        {
            if (!known.Contains(key))
            {
                throw new InputException($"{where}: found key \"{key}\", expected only {string.Join(", ", known)}; "
                    + (Nearest.To(key, known) is { } near ? $"did you mean \"{near}\"?" : "remove it"));
            }

            if (!seen.Add(key)) throw new InputException($"{where}: found key \"{key}\" twice, expected it once; remove one of them");
        }
    }

    /// <summary>Whether a key is there.</summary>
    public bool Has(string key) => json.TryGetProperty(key, out _);

    /// <summary>A text that must be there.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="what">What it is, for errors.</param>
    public string Text(string key, string what) => OptionalText(key)
        ?? throw new InputException($"{where}: found no \"{key}\", expected {what}; add \"{key}\": \"…\"");

    /// <summary>A text, or null where the key is not there.</summary>
    public string? OptionalText(string key) => json.TryGetProperty(key, out var value) ? Text(key, value) : null;

    /// <summary>What a key holds, one value or a list of them, each read as text or as an object.</summary>
    public IReadOnlyList<T> TextsOrObjects<T>(string key, Func<string, T> ofText, Func<JsonLine, T> ofObject) => Each(
        key, "a text, an object or a list of them",
        (path, value) => value.ValueKind == JsonValueKind.Object ? ofObject(new JsonLine($"{where}: \"{path}\"", value)) : ofText(Text(path, value)));

    /// <summary>An error about this line.</summary>
    public InputException Error(string found, string expected, string remedy) => new($"{where}: found {found}, expected {expected}; {remedy}");

    private IReadOnlyList<T> Each<T>(string key, string expected, Func<string, JsonElement, T> read)
    {
        if (!json.TryGetProperty(key, out var value)) return [];
        if (value.ValueKind != JsonValueKind.Array)
        {
            return value.ValueKind is JsonValueKind.String or JsonValueKind.Object
                ? [read(key, value)]
                : throw new InputException($"{where}: \"{key}\": found {SourceRecord.Name(value)}, expected {expected}; correct it or leave the key out");
        }

        return value.GetArrayLength() > 0
            ? [.. value.EnumerateArray().Select((item, i) => read($"{key}[{i}]", item))]
            : throw new InputException($"{where}: \"{key}\": found an empty list, expected {expected}; fill it or leave the key out");
    }

    private string Text(string path, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw new InputException($"{where}: \"{path}\": found {SourceRecord.Name(value)}, expected a text; put it between quotes");
        string text;
        try
        {
            text = value.GetString()!.Trim();
        }
        catch (InvalidOperationException cause)
        {
            throw new InputException($"{where}: \"{path}\": found half a surrogate pair, expected a text; write the whole character", cause);
        }

        return text.Length > 0
            ? text
            : throw new InputException($"{where}: \"{path}\": found an empty text, expected a text; fill it or remove the line");
    }
}
