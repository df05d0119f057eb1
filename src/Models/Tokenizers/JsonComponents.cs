using System.Text.Json;

namespace Harness.Models.Tokenizers;

/// <summary>Strict access to one tokenizer.json; every error names file and component, what was found and what was expected.</summary>
internal sealed class JsonComponents(string file)
{
    public static bool IsPresent(JsonElement value) => value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>An object's members; a key given twice or (where <paramref name="known"/> is given) an unknown one is an error.</summary>
    public Dictionary<string, JsonElement> Members(string component, JsonElement value, IReadOnlyList<string>? known = null)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Damaged(component, Shown(value), "an object");
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (known is not null && !known.Contains(member.Name))
            {
                var found = $"the unknown key '{member.Name}'{Nearest.Suggestion(member.Name, known)}";
                throw Unsupported(component, found, $"only {string.Join(", ", known)}");
            }

            if (!members.TryAdd(member.Name, member.Value)) throw Damaged(component, $"'{member.Name}' more than once", "it once");
        }

        return members;
    }

    public JsonElement Member(string component, Dictionary<string, JsonElement> members, string key) =>
        members.TryGetValue(key, out var value) ? value : throw Damaged($"{component}.{key}", "nothing", "a value");

    public string TypeOf(string component, JsonElement value, string? unnamed = null)
    {
        var members = Members(component, value);
        return unnamed is not null && !members.ContainsKey("type") && members.ContainsKey("merges")
            ? unnamed
            : Text($"{component}.type", Member(component, members, "type"));
    }

    public string Text(string component, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Damaged(component, Shown(value), "a string");

    /// <summary>An id: an integer from 0.</summary>
    public int Id(string component, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id >= 0) return id;
        throw Damaged(component, Shown(value), "an integer from 0");
    }

    public JsonElement.ArrayEnumerator Items(string component, JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Damaged(component, Shown(value), "an array");

    public void ExpectNull(string component, JsonElement value)
    {
        if (IsPresent(value)) throw Unsupported(component, Shown(value), "null");
    }

    /// <summary>Left out, a flag has the wanted value: the library's defaults are the ones wanted here.</summary>
    public void ExpectFlag(string component, JsonElement value, bool wanted)
    {
        if (value.ValueKind == JsonValueKind.Undefined) return;
        var (kind, text) = wanted ? (JsonValueKind.True, "true") : (JsonValueKind.False, "false");
        if (value.ValueKind != kind) throw Unsupported(component, Shown(value), text);
    }

    /// <summary>The file is sound, but says something that cannot be followed here.</summary>
    public InputException Unsupported(string component, string found, string expected) =>
        new($"{file}: {component}: found {found}, expected {expected}; only GPT-2's byte-level BPE can be read: use a model that has it");

    /// <summary>The file contradicts itself or its format.</summary>
    public InputException Damaged(string component, string found, string expected) =>
        new($"{file}: {component}: found {found}, expected {expected}; the file is damaged: copy or write it again");

    public static string Shown(JsonElement value)
    {
        const int Longest = 40;
        if (value.ValueKind == JsonValueKind.Undefined) return "nothing";
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String)
        {
            return $"type '{type.GetString()}'";
        }

        var text = value.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= Longest ? text : text[..Longest] + "…";
    }
}
