using System.Text.Json;
using Harness.Models.Tokenizers.AddedTokens;
using Harness.Models.Tokenizers.Bpe;

namespace Harness.Models.Tokenizers.Json;

/// <summary>Reads the part of tokenizer.json that holds tokens: vocab, merges and added_tokens, checked against each other.</summary>
internal sealed class VocabularyReader(JsonComponents json)
{
    private readonly Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> tokens = [];

    /// <summary>Every id's spelling, of the vocabulary and of added tokens. There may be gaps.</summary>
    public IReadOnlyDictionary<int, string> Tokens => tokens;

    public Dictionary<string, int> ReadVocabulary(JsonElement value)
    {
        foreach (var (token, element) in json.Members("model.vocab", value))
        {
            var place = $"model.vocab '{token}'";
            var id = json.Id(place, element);
            vocabulary.Add(token, id);
            AddToken(place, token, id);
        }

        return vocabulary;
    }

    /// <summary>Merges as "left right" or ["left", "right"].</summary>
    public IReadOnlyList<Merge> ReadMerges(JsonElement value)
    {
        var merges = new List<Merge>();
        foreach (var item in json.Items("model.merges", value))
        {
            var component = $"model.merges[{merges.Count}]";
            var parts = item.ValueKind == JsonValueKind.Array
                ? [.. item.EnumerateArray().Select(part => json.Text(component, part))]
                : json.Text(component, item).Split(' ');
            if (parts.Length != 2) throw json.Damaged(component, JsonComponents.Shown(item), "two tokens");
            merges.Add(new(IdOf(component, parts[0]), IdOf(component, parts[1]), IdOf(component, parts[0] + parts[1])));
        }

        return merges;
    }

    /// <summary>Added tokens, after the vocabulary: those that it has, and further ones.</summary>
    public IReadOnlyList<AddedToken> ReadAddedTokens(JsonElement value)
    {
        const string Component = "added_tokens";
        if (!JsonComponents.IsPresent(value)) return [];
        var added = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        var next = vocabulary.Count;
        foreach (var item in json.Items(Component, value))
        {
            var token = ReadAddedToken(Component, item);
            if (token.Content.Length == 0) continue;
            if (!added.TryAdd(token.Content, token)) throw json.Damaged(Component, $"'{token.Content}' more than once", "it once");
            var place = $"{Component} '{token.Content}'";
            var known = vocabulary.TryGetValue(token.Content, out var id);
            if (known && id != token.Id) throw json.Damaged(place, $"id {token.Id}", $"{id} as in model.vocab");
            if (known) continue;

            // Whatever the file says, Hugging Face's library numbers these on from the vocabulary's size.
            if (token.Id != next) throw json.Damaged(place, $"id {token.Id}", $"{next}, which Hugging Face's library gives it");
            AddToken(place, token.Content, next++);
        }

        return [.. added.Values];
    }

    /// <exception cref="InputException">No token has the id.</exception>
    public void CheckId(string component, int id)
    {
        if (!tokens.ContainsKey(id)) throw json.Damaged(component, $"the id {id}, which no token has", "ids of tokens");
    }

    private AddedToken ReadAddedToken(string component, JsonElement item)
    {
        var members = json.Members(component, item, ["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"]);
        var content = json.Text($"{component}.content", json.Member(component, members, "content"));
        var place = $"{component} '{content}'";
        return new(json.Id(place, json.Member(place, members, "id")), content)
        {
            SingleWord = json.Flag(place, members, "single_word"),
            TakesSpaceBefore = json.Flag(place, members, "lstrip"),
            TakesSpaceBehind = json.Flag(place, members, "rstrip"),
            Normalized = json.Flag(place, members, "normalized"),
            Special = json.Flag(place, members, "special"),
        };
    }

    private void AddToken(string place, string token, int id)
    {
        if (!tokens.TryAdd(id, token)) throw json.Damaged(place, $"id {id}", $"an id of its own: '{tokens[id]}' has this one");
    }

    private int IdOf(string component, string token) => vocabulary.TryGetValue(token, out var id)
        ? id
        : throw json.Damaged(component, $"'{token}', which model.vocab lacks", "tokens of the vocabulary");
}
