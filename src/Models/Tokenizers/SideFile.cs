using System.Text.Json;
using Harness.Models.Tokenizers.Json;

namespace Harness.Models.Tokenizers;

/// <summary>A JSON object in a file beside a tokenizer.json; without members where the file is not there.</summary>
internal sealed record SideFile(JsonComponents Json, Dictionary<string, JsonElement> Members)
{
    private const string Whole = "file";

    // The document is closed behind this: what is kept is cloned.
    public static SideFile Read(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        return File.Exists(file)
            ? JsonComponents.Parse(file, JsonComponents.ReadBytes(file), Checked)
            : new SideFile(new JsonComponents(file), []);

        static SideFile Checked(JsonComponents json, JsonElement root)
        {
            JsonTexts.Check(root);
            return new(json, json.Members(Whole, root.Clone()));
        }
    }

    /// <summary>The same with another file's members in the place of its own.</summary>
    public SideFile Under(SideFile other)
    {
        var members = new Dictionary<string, JsonElement>(Members, StringComparer.Ordinal);
        foreach (var (key, value) in other.Members) members[key] = value;
        return this with { Members = members };
    }

    /// <summary>Whether a value is given that is not null.</summary>
    public bool Has(string key) => JsonComponents.IsPresent(Members.GetValueOrDefault(key));

    /// <summary>Whether a value is given and is null.</summary>
    public bool Denies(string key) => Members.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>A text, where there is one.</summary>
    public string? Text(string key) => Has(key) ? Json.Text(key, Members[key]) : null;

    /// <summary>A flag, where there is one.</summary>
    public bool? Flag(string key) => Has(key) ? Json.Flag(Whole, Members, key) : null;

    /// <summary>The spelling of a token that is given as its text or as an added token's object.</summary>
    public string Spelling(string key, JsonElement value) => Json.Text(
        key, value.ValueKind == JsonValueKind.Object ? Json.Member(key, Json.Members(key, value), "content") : value);

    /// <summary>The id of a token, where one is named.</summary>
    public int? Token(string key, TokenizerParts parts)
    {
        if (!Has(key)) return null;
        var token = Spelling(key, Members[key]);
        return parts.IdOf(token) ?? throw Json.Damaged(key, $"'{token}'", "a token of tokenizer.json");
    }

    /// <summary>The id that a flag puts before or behind a text.</summary>
    public IReadOnlyList<int> Added(string flag, bool absent, int? id)
    {
        if (Denies(flag) || !(Flag(flag) ?? absent)) return [];
        return id is { } added ? [added]
            : throw Json.Damaged($"{Whole}.{flag}", "true without a token", $"that token ('{flag["add_".Length..]}') or false");
    }

    /// <summary>The first of the ids given.</summary>
    public int? FirstId(string key) => Ids(key).Cast<int?>().FirstOrDefault();

    /// <summary>Ids given as a number or as a list of them.</summary>
    public IReadOnlyList<int> Ids(string key)
    {
        if (!Has(key)) return [];
        return Members[key].ValueKind == JsonValueKind.Array
            ? [.. Members[key].EnumerateArray().Select(item => Json.Id(key, item))]
            : [Json.Id(key, Members[key])];
    }

    /// <summary>An error about what versions or classes of transformers read differently from tokenizer.json.</summary>
    public InputException Contradicts(string key, string found, string expected) => Json.Contradiction($"{Whole}.{key}", found, expected);
}
