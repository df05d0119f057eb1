using System.Text.Json;
using Harness.Models.Tokenizers.Json;

namespace Harness.Models.Chat;

/// <summary>The special tokens that a template knows by name: those of tokenizer_config.json, and for what it leaves out those of its class.</summary>
internal static class SpecialTokens
{
    private const string TokenizerConfig = "tokenizer_config.json", TokenMap = "special_tokens_map.json";
    private const string Class = "tokenizer_class", Fast = "Fast", Additional = "additional_special_tokens", Extra = "extra_special_tokens";
    private static readonly string[] Names = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    // In the order of the names: bos, eos, unk, sep, pad.
    private static readonly Dictionary<string, string?[]> OfClasses = new(StringComparer.Ordinal)
    {
        ["LlamaTokenizer"] = ["<s>", "</s>", "<unk>"],
        ["CodeLlamaTokenizer"] = ["<s>", "</s>", "<unk>"],
        ["GPT2Tokenizer"] = ["<|endoftext|>", "<|endoftext|>", "<|endoftext|>"],
        ["Qwen2Tokenizer"] = [null, "<|endoftext|>", "<|endoftext|>", null, "<|endoftext|>"],
        ["GemmaTokenizer"] = ["<bos>", "<eos>", "<unk>", null, "<pad>"],
        ["BloomTokenizer"] = ["<s>", "</s>", "<unk>", null, "<pad>"],
    };

    /// <summary>Texts, and lists of texts, by name.</summary>
    /// <exception cref="InputException">A file is damaged.</exception>
    public static IReadOnlyDictionary<string, object?> Read(string folder)
    {
        var config = Members(folder, TokenizerConfig);

        // transformers reads the older file where the newer one does not describe its tokens.
        if (!config.ContainsKey("added_tokens_decoder"))
        {
            foreach (var (name, value) in Members(folder, TokenMap)) config[name] = value;
        }

        var json = new JsonComponents(Path.Combine(folder, TokenizerConfig));
        var tokens = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var name in Names.Where(config.ContainsKey))
        {
            if (JsonComponents.IsPresent(config[name])) tokens[name] = Content(json, name, config[name]);
        }

        AddDefaults(config, tokens);
        if (config.TryGetValue(Additional, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0)
            tokens[Additional] = list.EnumerateArray().Select(item => (object?)Content(json, Additional, item)).ToList();
        if (config.TryGetValue(Extra, out var extra) && extra.ValueKind == JsonValueKind.Object)
        {
            foreach (var (name, value) in json.Members(Extra, extra)) tokens[name] = Content(json, name, value);
        }

        return tokens;
    }

    private static void AddDefaults(Dictionary<string, JsonElement> config, Dictionary<string, object?> tokens)
    {
        if (!config.TryGetValue(Class, out var value) || value.ValueKind != JsonValueKind.String) return;
        var name = value.GetString()!;
        if (!OfClasses.TryGetValue(name.EndsWith(Fast, StringComparison.Ordinal) ? name[..^Fast.Length] : name, out var usual)) return;
        foreach (var (key, token) in Names.Zip(usual).Where(pair => pair.Second is not null && !config.ContainsKey(pair.First))) tokens[key] = token;
    }

    // A token is its text, or an object that has it.
    private static string Content(JsonComponents json, string name, JsonElement value) =>
        json.Text(name, value.ValueKind == JsonValueKind.Object ? json.Member(name, json.Members(name, value), "content") : value);

    private static Dictionary<string, JsonElement> Members(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        return File.Exists(file)
            ? JsonComponents.Parse(file, JsonComponents.ReadBytes(file), (json, root) =>
                json.Members("file", root).ToDictionary(pair => pair.Key, pair => pair.Value.Clone(), StringComparer.Ordinal))
            : new Dictionary<string, JsonElement>(StringComparer.Ordinal);
    }
}
