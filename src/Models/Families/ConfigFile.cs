using System.Text.Json;
using Harness.Models.Checkpoints;
using Harness.Models.Json;

namespace Harness.Models.Families;

/// <summary>
/// A config.json, read strictly: every error names the file, the field, what was found and what is expected; unknown fields are errors.
/// </summary>
internal sealed class ConfigFile
{
    private const int MostShown = 5, LongestShown = 80, LongestReason = 300;

    // transformers, its older name there, and MLX.
    private static readonly string[] Quantisations = ["quantization_config", "compression_config", "quantization"];

    private readonly SortedDictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> read = [];

    private ConfigFile(string path, JsonElement root)
    {
        Path = path;
        if (root.ValueKind != JsonValueKind.Object)
            throw new InputException(
                $"{path}: found a JSON {Kind(root)}; expected an object, a model's fields by name; fetch the file again");
        foreach (var field in root.EnumerateObject()) fields.Add(field.Name, field.Value);
    }

    /// <summary>Where the file lies, for messages.</summary>
    public string Path { get; }

    /// <summary>Reads and parses the file.</summary>
    public static ConfigFile Open(string path)
    {
        byte[] bytes = [];
        try
        {
            bytes = File.ReadAllBytes(path);
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonTexts.Check(document.RootElement);
            return new ConfigFile(path, document.RootElement.Clone());
        }
        catch (Exception error) when (FileCause.Explains(error))
        {
            throw FileCause.CannotRead(path, error);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            var found = GivenInstead.OfFile(bytes)
                ?? $"not valid JSON: {JsonTexts.Shown(error.Message, LongestReason)}; fetch the file again";
            throw new InputException($"{path}: {found}", error);
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
        return Required(key, "a number") is { ValueKind: JsonValueKind.Number } number && number.GetDouble() is var found
            && double.IsFinite(found)
            ? found
            : throw Wrong(key, "a number");
    }

    /// <summary>A number, or null where it is absent or null.</summary>
    public double? OptionalNumber(string key) => Optional(key) is null ? null : Number(key);

    /// <summary>A list of strings; empty where it is absent.</summary>
    public IReadOnlyList<string> Texts(string key) =>
        Items(key, "a list of strings", item => item.ValueKind == JsonValueKind.String ? item.GetString() : null);

    /// <summary>A list of whole numbers; empty where it is absent.</summary>
    public IReadOnlyList<int> Integers(string key) =>
        [.. Items<int?>(key, "a list of whole numbers", item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number)
            ? number : null)
            .Select(number => number!.Value)];

    /// <summary>An object inside the file, or null where it is absent or null.</summary>
    public ConfigFile? Section(string key) => Optional(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } section => new ConfigFile($"{Path}: {key}", section),
        _ => throw Wrong(key, "an object or null"),
    };

    /// <summary>Whether it has no field.</summary>
    public bool IsEmpty => fields.Count == 0;

    /// <summary>Whether the file has the field, be it null.</summary>
    public bool Has(string key) => fields.ContainsKey(key);

    /// <summary>An optional true or false with its default.</summary>
    public bool Flag(string key, bool otherwise) => Optional(key) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } flag => flag.GetBoolean(),
        _ => throw Wrong(key, "true or false"),
    };

    /// <summary>A field that, where it is present, has one of the supported values, given as JSON. Numbers are compared by value.</summary>
    public void Expect(string key, params ReadOnlySpan<string> json)
    {
        read.Add(key);
        if (!fields.TryGetValue(key, out var found)) return;
        foreach (var value in json)
        {
            using var supported = JsonDocument.Parse(value);
            if (JsonElement.DeepEquals(found, supported.RootElement)) return;
        }

        throw Wrong(key, $"{string.Join(" or ", json)}, the only supported value{(json.Length == 1 ? "" : "s")}; " +
            "another is not computed here: take a model without it");
    }

    /// <summary>Refuses weights that are no plain numbers.</summary>
    /// <exception cref="InputException">The file says that the checkpoint is quantised.</exception>
    public void RefuseQuantised()
    {
        foreach (var key in Quantisations)
        {
            if (Optional(key) is not { } found) continue;
            var method = found.ValueKind == JsonValueKind.Object && found.TryGetProperty("quant_method", out var name)
                ? $" by {Shown(name)}" : "";
            throw new InputException(
                $"{Path}: '{key}' says that the checkpoint is quantised{method}; expected weights in float32, bfloat16 or float16; "
                + "take the checkpoint that it was made from, or dequantise it first");
        }
    }

    /// <summary>Fields that do not change the computation.</summary>
    public void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys) read.Add(key);
    }

    /// <summary>Refuses every field that nothing asked for.</summary>
    public void Finish()
    {
        var unknown = fields.Keys.Where(key => !read.Contains(key)).ToList();
        if (unknown.Count == 0) return;
        var names = string.Join(", ",
            unknown.Take(MostShown).Select(key => $"'{Short(key)}'{(key.Length > LongestShown ? "" : Nearest.Suggestion(key, read))}"));
        var (one, more) = (unknown.Count == 1, unknown.Count > MostShown ? " …" : "");
        throw new InputException(
            $"{Path}: unknown field{(one ? "" : "s")} {names}{more}; {(one ? "it" : "they")} may change the computation, " +
                $"so {(one ? "it is" : "they are")} not ignored; "
            + $"if {(one ? "it does not, remove it" : "they do not, remove them")} from a copy of the file, " +
                "otherwise the model cannot be edited here");
    }

    /// <summary>An error about one field that is there.</summary>
    public InputException Wrong(string key, string expected) => new($"{Path}: '{key}' is {Shown(fields[key])}; expected {expected}");

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

    private static string Shown(JsonElement value) => Short(value.GetRawText());

    private static string Short(string text) => JsonTexts.Shown(text, LongestShown);

    private static string Kind(JsonElement element) => element.ValueKind.ToString().ToLowerInvariant();
}
