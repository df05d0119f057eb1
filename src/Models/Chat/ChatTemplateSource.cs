using System.Text;
using System.Text.Json;
using Harness.Models.Tokenizers;

namespace Harness.Models.Chat;

/// <summary>Where a folder's chat template stands.</summary>
/// <param name="Text">The template.</param>
/// <param name="File">Name of its file.</param>
/// <param name="Where">Its place, for errors.</param>
/// <param name="Note">What to tell about the choice; null where there was none.</param>
internal sealed record ChatTemplateSource(string Text, string File, string Where, string? Note)
{
    private const string Own = "chat_template.jinja", Tokenizer = "tokenizer_config.json", Processor = "chat_template.json",
        Key = "chat_template";
    private const string Default = "default";

    /// <summary>The template that transformers takes, or null.</summary>
    public static ChatTemplateSource? Find(string folder)
    {
        ChatTemplateSource[] all = [
            .. new[] { OfFile(folder), OfJson(folder, Tokenizer), OfJson(folder, Processor) }.OfType<ChatTemplateSource>()];
        if (all.Length == 0) return null;
        var (first, others) = (all[0], all.Skip(1).Where(other => Plain(other.Text) != Plain(all[0].Text)).ToArray());

        // Tokenizers never look there; processors look there first.
        if (Array.Find(others, other => other.File == Processor) is { } processor)
        {
            throw new InputException(
                $"{processor.Where}: found another chat template than in {first.File}, expected the same, as some tools take the one "
                + "and some the other; remove the file that is not meant");
        }

        return others is not [var other, ..] ? first : first with
        {
            Note = $"{first.File} is the chat template, as transformers has it; another one in {other.File} is not used",
        };
    }

    private static ChatTemplateSource? OfFile(string folder)
    {
        var file = Path.Combine(folder, Own);
        if (!System.IO.File.Exists(file)) return null;
        try
        {
            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true)
                .GetString(JsonComponents.ReadBytes(file));
            return new(text, Own, file, null);
        }
        catch (DecoderFallbackException cause)
        {
            throw new InputException($"{file}: found bytes that are no UTF-8, expected text; copy the file again", cause);
        }
    }

    private static ChatTemplateSource? OfJson(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        if (!System.IO.File.Exists(file)) return null;
        var text = JsonComponents.Parse(file, JsonComponents.ReadBytes(file), (json, root) =>
            json.Members("file", root).TryGetValue(Key, out var value) && JsonComponents.IsPresent(value) ? OfValue(json, value) : null);
        return text is null ? null : new(text, name, $"{file}: {Key}", null);
    }

    // A text, or a list of texts with names.
    private static string OfValue(JsonComponents json, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array) return json.Text(Key, value);
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in value.EnumerateArray())
        {
            var members = json.Members(Key, item);
            var name = json.Text($"{Key}.name", json.Member(Key, members, "name"));
            if (!named.TryAdd(name, json.Text($"{Key}.template", json.Member(Key, members, "template"))))
                throw json.Damaged(Key, $"the name '{name}' twice", "it once");
        }

        return named.TryGetValue(Default, out var text) ? text : throw new InputException(
            $"{json.File}: {Key}: found templates named {string.Join(", ", named.Keys)}, " +
                $"expected one named {Default}, which transformers takes "
            + "where none is asked for; name one of them so");
    }

    private static string Plain(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n');
}

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
