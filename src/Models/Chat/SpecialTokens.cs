using System.Text.Json;
using Harness.Models.Tokenizers;

namespace Harness.Models.Chat;

/// <summary>
/// The special tokens that a template knows by name: those of tokenizer_config.json, and for what it leaves out those of its class.
/// </summary>
internal static class SpecialTokens
{
    private const string Class = "tokenizer_class", Additional = "additional_special_tokens", Extra = "extra_special_tokens";
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
        var config = FolderTokens.Config(folder);
        var tokens = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var name in Names.Where(config.Has)) tokens[name] = config.Spelling(name, config.Members[name]);
        AddDefaults(config.Members, tokens);
        if (config.Members.TryGetValue(Additional, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0)
            tokens[Additional] = list.EnumerateArray().Select(item => (object?)config.Spelling(Additional, item)).ToList();
        if (config.Members.TryGetValue(Extra, out var extra) && extra.ValueKind == JsonValueKind.Object)
        {
            foreach (var (name, value) in config.Json.Members(Extra, extra)) tokens[name] = config.Spelling(name, value);
        }

        return tokens;
    }

    private static void AddDefaults(Dictionary<string, JsonElement> config, Dictionary<string, object?> tokens)
    {
        if (!config.TryGetValue(Class, out var value) || value.ValueKind != JsonValueKind.String) return;
        if (!OfClasses.TryGetValue(TokenizerRoles.WithoutFast(value.GetString()!), out var usual)) return;
        foreach (var (key, token) in Names.Zip(usual).Where(pair => pair.Second is not null && !config.ContainsKey(pair.First)))
            tokens[key] = token;
    }
}
