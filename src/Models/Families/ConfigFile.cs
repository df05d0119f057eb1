using System.Text.Json;
using Harness.Models.Checkpoints;

namespace Harness.Models.Families;

/// <summary>
/// A config.json, read strictly: every error names the file, the field, what was found and what is expected; unknown fields are errors.
/// </summary>
internal sealed class ConfigFile
{
    private readonly SortedDictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> read = [];

    private ConfigFile(string path, JsonElement root)
    {
        Path = path;
        if (root.ValueKind != JsonValueKind.Object) throw new InputException($"{path}: found {Kind(root)}; expected a JSON object");
        foreach (var field in root.EnumerateObject()) fields.Add(field.Name, field.Value);
    }

    /// <summary>Where the file lies, for messages.</summary>
    public string Path { get; }

    /// <summary>Reads and parses the file.</summary>
    public static ConfigFile Open(string path)
    {
        if (!File.Exists(path)) throw new InputException($"{path}: not found; expected a Hugging Face config.json");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            CheckTexts(document.RootElement);
            return new ConfigFile(path, document.RootElement.Clone());
        }
        catch (Exception error) when (FileCause.Explains(error))
        {
            throw FileCause.CannotRead(path, error);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InputException($"{path}: not valid JSON: {error.Message}", error);
        }
    }

    /// <summary>What is not yet a file.</summary>
    public static ConfigFile Of(string path, System.Text.Json.Nodes.JsonObject json) => new(path, JsonSerializer.SerializeToElement(json));

    /// <summary>A required string.</summary>
    public string Text(string key) =>
        Required(key, "a string") is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Wrong(key, "a string");

    /// <summary>A required whole number, or an optional one with its default.</summary>
    public int Integer(string key, int? otherwise = null)
    {
        if (otherwise is { } value && Optional(key) is null) return value;
        return Required(key, "a whole number") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var found)
            ? found
            : throw Wrong(key, "a whole number");
    }

    /// <summary>A whole number, or null where it is absent or null.</summary>
    public int? OptionalInteger(string key) => Optional(key) is null ? null : Integer(key);

    /// <summary>A required number, or an optional one with its default.</summary>
    public double Number(string key, double? otherwise = null)
    {
        if (otherwise is { } value && Optional(key) is null) return value;
        return Required(key, "a number") is { ValueKind: JsonValueKind.Number } number && number.GetDouble() is var found && double.IsFinite(found)
            ? found
            : throw Wrong(key, "a number");
    }

    /// <summary>A list of strings; empty where it is absent.</summary>
    public IReadOnlyList<string> Texts(string key) =>
        Items(key, "a list of strings", item => item.ValueKind == JsonValueKind.String ? item.GetString() : null);

    /// <summary>A list of whole numbers; empty where it is absent.</summary>
    public IReadOnlyList<int> Integers(string key) =>
        [.. Items<int?>(key, "a list of whole numbers", item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number) ? number : null)
            .Select(number => number!.Value)];

    /// <summary>An object inside the file, or null where it is absent or null.</summary>
    public ConfigFile? Section(string key) => Optional(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } section => new ConfigFile($"{Path}: {key}", section),
        _ => throw Wrong(key, "an object or null"),
    };

    /// <summary>Whether the file has the field, be it null.</summary>
    public bool Has(string key) => fields.ContainsKey(key);

    /// <summary>An optional true or false with its default.</summary>
    public bool Flag(string key, bool otherwise) => Optional(key) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } flag => flag.GetBoolean(),
        _ => throw Wrong(key, "true or false"),
    };

    /// <summary>A field that, where it is present, has the one supported value, given as JSON.</summary>
    public void Expect(string key, string json)
    {
        if (fields.TryGetValue(key, out var found) && found.GetRawText() != json) throw Wrong(key, json + ", the only supported value");
        read.Add(key);
    }

    /// <summary>Fields that do not change the computation.</summary>
    public void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys) read.Add(key);
    }

    /// <summary>Refuses every field that nothing asked for.</summary>
    public void Finish()
    {
        foreach (var key in fields.Keys)
        {
            if (!read.Contains(key))
            {
                throw new InputException(
                    $"{Path}: unknown field '{key}'{Nearest.Suggestion(key, read)}; it may change the computation, so it is not ignored");
            }
        }
    }

    /// <summary>An error about one field that is there.</summary>
    public InputException Wrong(string key, string expected) => new($"{Path}: '{key}' is {fields[key].GetRawText()}; expected {expected}");

    private JsonElement Required(string key, string expected)
    {
        read.Add(key);
        if (fields.TryGetValue(key, out var value)) return value;
        throw new InputException($"{Path}: '{key}' is missing; expected {expected}");
    }

    private JsonElement? Optional(string key)
    {
        read.Add(key);
        return fields.TryGetValue(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private List<T> Items<T>(string key, string expected, Func<JsonElement, T?> read)
    {
        if (Optional(key) is not { } list) return [];
        if (list.ValueKind != JsonValueKind.Array) throw Wrong(key, expected);
        return [.. list.EnumerateArray().Select(item => read(item) ?? throw Wrong(key, expected))];
    }

    // Parsing leaves them as they are; reading one that is no Unicode throws InvalidOperationException.
    private static void CheckTexts(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String) _ = element.GetString();
        if (element.ValueKind == JsonValueKind.Array) foreach (var item in element.EnumerateArray()) CheckTexts(item);
        if (element.ValueKind != JsonValueKind.Object) return;
        foreach (var field in element.EnumerateObject())
        {
            _ = field.Name;
            CheckTexts(field.Value);
        }
    }

    private static string Kind(JsonElement element) => element.ValueKind.ToString().ToLowerInvariant();
}
