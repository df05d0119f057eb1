using System.Text.Json;
using Harness.Models.Checkpoints;
using Harness.Models.Json;

namespace Harness.Models.Tokenizers;

/// <summary>Strict access to one JSON file; every error names file and component, what was found and what was expected.</summary>
internal sealed class JsonComponents(string file)
{
    // No vocabulary has as many tokens.
    private const int MostIds = 1 << 24;
    private const int Longest = 300;

    /// <summary>The file's path.</summary>
    public string File => file;

    /// <summary>Reads a file's content.</summary>
    /// <exception cref="InputException">It is no JSON, or <paramref name="read"/> says what is wrong with it.</exception>
    public static T Parse<T>(string file, ReadOnlyMemory<byte> content, Func<JsonComponents, JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            return read(new JsonComponents(file), document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: JSON text that is no valid Unicode.
            var found = JsonTexts.Shown(exception.Message.TrimEnd('.'), Longest);
            var expected = $"a {Path.GetFileName(file)}";
            if (GivenInstead.OfFile(content.Span) is { } other) throw new InputException($"{file}: {other}", exception);
            throw new InputException($"{file}: found invalid JSON ({found}), expected {expected}; copy or write it again", exception);
        }
    }

    /// <summary>A file's bytes.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static byte[] ReadBytes(string file)
    {
        try
        {
            return System.IO.File.ReadAllBytes(file);
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            throw FileCause.CannotRead(file, exception);
        }
    }

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

    /// <summary>The members of a ByteLevel, each a flag; where it is no pre-tokenizer, they change nothing here.</summary>
    public Dictionary<string, JsonElement> ByteLevel(string component, JsonElement value)
    {
        string[] flags = ["add_prefix_space", "trim_offsets", "use_regex"];
        var members = Members(component, value, ["type", .. flags]);
        foreach (var flag in flags) Flag(component, members, flag, absent: true);
        return members;
    }

    /// <summary>A step of a sequence, where null is none.</summary>
    public JsonElement Step(string component, JsonElement value) =>
        IsPresent(value) ? value : throw Damaged(component, Shown(value), "an object");

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

    /// <summary>A text of one Unicode scalar.</summary>
    public string Character(string component, JsonElement value)
    {
        var text = Text(component, value);
        return text.EnumerateRunes().Count() == 1 ? text : throw Damaged(component, Shown(value), "one character");
    }

    /// <summary>One of some words, by its place among them.</summary>
    public int Word(string component, JsonElement value, IList<string> words)
    {
        var text = Text(component, value);
        return words.Contains(text) ? words.IndexOf(text) : throw Unsupported(component, $"'{text}'", string.Join(", ", words));
    }

    /// <summary>A flag; without <paramref name="absent"/> it must be there.</summary>
    public bool Flag(string component, Dictionary<string, JsonElement> members, string key, bool? absent = null)
    {
        var value = absent is null ? Member(component, members, key) : members.GetValueOrDefault(key);
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Undefined or JsonValueKind.Null when absent is { } fallback => fallback,
            _ => throw Damaged($"{component}.{key}", Shown(value), "true or false"),
        };
    }

    /// <summary>An id, or a number of them: an integer from 0.</summary>
    public int Id(string component, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id is >= 0 and < MostIds) return id;
        throw Damaged(component, Shown(value), $"an integer from 0 to {MostIds - 1}");
    }

    public JsonElement.ArrayEnumerator Items(string component, JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Damaged(component, Shown(value), "an array");

    public void ExpectNull(string component, JsonElement value)
    {
        if (IsPresent(value)) throw Unsupported(component, Shown(value), "null");
    }

    /// <summary>The file is sound, but says something that cannot be followed here.</summary>
    public InputException Unsupported(string component, string found, string expected) =>
        Error(component, found, expected,
            "the BPE tokenizers of GPT, LLaMA, Mistral, Qwen and BLOOM can be read: use a model that has one");

    /// <summary>The file contradicts tokenizer.json, and versions of transformers follow one or the other.</summary>
    public InputException Contradiction(string component, string found, string expected) => Error(
        component, found, expected,
            "versions and classes of transformers follow one or the other: make the two agree in a copy of the folder");

    /// <summary>The file contradicts itself or its format.</summary>
    public InputException Damaged(string component, string found, string expected) =>
        Error(component, found, expected, "the file is damaged: copy or write it again");

    public static string Shown(JsonElement value)
    {
        const int MostShown = 40;
        if (value.ValueKind == JsonValueKind.Undefined) return "nothing";
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String)
        {
            return $"type '{type.GetString()}'";
        }

        var text = value.GetRawText();
        return JsonTexts.Shown(text, MostShown);
    }

    // One line, whatever names the file has.
    private InputException Error(string component, string found, string expected, string remedy) =>
        new($"{file}: {JsonTexts.Shown(component, Longest)}: found {JsonTexts.Shown(found, Longest)}, " +
            $"expected {JsonTexts.Shown(expected, 2 * Longest)}; {remedy}");
}
