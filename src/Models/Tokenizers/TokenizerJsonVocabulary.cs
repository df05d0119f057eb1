using System.Text.Json;

namespace Harness.Models.Tokenizers;

/// <summary>The part of tokenizer.json that holds tokens: vocab, merges and added_tokens, checked against each other.</summary>
internal sealed class TokenizerJsonVocabulary(JsonComponents json)
{
    private readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    private readonly HashSet<string> specials = new(StringComparer.Ordinal);

    public BpeModel Read(Dictionary<string, JsonElement> model, JsonElement addedTokens)
    {
        foreach (var (token, id) in json.Members("model.vocab", json.Member("model", model, "vocab")))
        {
            ids.Add(token, json.Id($"model.vocab '{token}'", id));
        }

        if (JsonComponents.IsPresent(addedTokens))
        {
            foreach (var item in json.Items("added_tokens", addedTokens)) AddSpecial(item);
        }

        CheckTokens();
        var tokens = InOrder();
        var merges = ReadMerges(json.Member("model", model, "merges"));
        return new(tokens, merges, [.. specials.Select(name => ids[name]).Order()]);
    }

    private void AddSpecial(JsonElement item)
    {
        const string Component = "added_tokens";
        var members = json.Members(Component, item, ["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"]);
        var content = json.Text($"{Component}.content", json.Member(Component, members, "content"));
        var id = json.Id($"{Component} '{content}'", json.Member(Component, members, "id"));
        if (json.Member(Component, members, "special").ValueKind != JsonValueKind.True)
        {
            throw json.Unsupported($"{Component} '{content}'", "a token that is not special", "special tokens only");
        }

        if (!specials.Add(content)) throw json.Damaged(Component, $"'{content}' more than once", "it once");
        if (!ids.TryAdd(content, id) && ids[content] != id)
        {
            throw json.Damaged($"{Component} '{content}'", $"id {id}", $"{ids[content]} as in model.vocab");
        }
    }

    private string[] InOrder()
    {
        var tokens = new string?[ids.Count];
        foreach (var (token, id) in ids.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var where = $"model.vocab '{token}'";
            if (id >= tokens.Length) throw json.Damaged(where, $"id {id}", $"ids without gaps, 0 to {tokens.Length - 1}");
            if (tokens[id] is { } other) throw json.Damaged(where, $"id {id}", $"an id of its own: '{other}' has this one");
            tokens[id] = token;
        }

        return [.. tokens.Select(token => token!)];
    }

    private void CheckTokens()
    {
        foreach (var token in ids.Keys.Where(token => !specials.Contains(token)).Order(StringComparer.Ordinal))
        {
            if (ByteAlphabet.TryRead(token, out _)) continue;
            throw json.Unsupported("model.vocab", $"the token '{token}'", "tokens in the byte-level alphabet");
        }

        foreach (var (value, letter) in ByteAlphabet.All.Index())
        {
            if (!IsOrdinary(letter)) throw json.Unsupported("model.vocab", $"no token '{letter}' for byte {value}", "one for each byte");
        }

        if (specials.Contains(BpeModel.EndOfText)) return;
        foreach (var wanted in new[] { BpeModel.Bos, BpeModel.Eos })
        {
            if (specials.Contains(wanted)) continue;
            var found = $"[{string.Join(", ", specials.Order(StringComparer.Ordinal))}]";
            throw json.Unsupported("added_tokens", found, $"{BpeModel.Bos} and {BpeModel.Eos}, or {BpeModel.EndOfText}");
        }
    }

    private bool IsOrdinary(string token) => ids.ContainsKey(token) && !specials.Contains(token);

    private List<Merge> ReadMerges(JsonElement value)
    {
        var merges = new List<Merge>();
        var seen = new HashSet<(int Left, int Right)>();
        foreach (var item in json.Items("model.merges", value))
        {
            var component = $"model.merges[{merges.Count}]";
            var parts = item.ValueKind == JsonValueKind.Array
                ? [.. item.EnumerateArray().Select(part => json.Text(component, part))]
                : json.Text(component, item).Split(' ');
            if (parts.Length != 2) throw json.Damaged(component, JsonComponents.Shown(item), "two tokens");
            foreach (var token in new[] { parts[0], parts[1], parts[0] + parts[1] })
            {
                if (!IsOrdinary(token)) throw json.Damaged(component, $"'{token}', which model.vocab lacks", "tokens of the vocabulary");
            }

            var merge = new Merge(ids[parts[0]], ids[parts[1]], ids[parts[0] + parts[1]]);
            if (!seen.Add((merge.Left, merge.Right)))
            {
                throw json.Damaged(component, $"{JsonComponents.Shown(item)} a second time", "each pair once");
            }

            merges.Add(merge);
        }

        return merges;
    }
}
