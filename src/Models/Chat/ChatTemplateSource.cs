using System.Text;
using System.Text.Json;
using Harness.Models.Checkpoints;
using Harness.Models.Json;
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
                .GetString(FileCause.ReadAllBytes(file));
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
        return JsonPlace.Read(file, TokenizerJson.Voice)[Key].Optional is { } template
            ? new(OfValue(template), name, template.Where, null)
            : null;
    }

    // A text, or a list of texts with names.
    private static string OfValue(JsonPlace template)
    {
        if (template.Value.ValueKind != JsonValueKind.Array) return template.Text();
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in template.Items)
        {
            var name = item["name"].Text();
            if (!named.TryAdd(name, item["template"].Text())) throw item.Error($"the name '{name}' twice", "it once");
        }

        return named.TryGetValue(Default, out var text) ? text : throw template.Error(
            $"templates named {string.Join(", ", named.Keys)}",
            $"one named {Default}, which transformers takes where none is asked for", "name one of them so");
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
        var config = TokenizerFolder.Config(folder);
        var tokens = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var name in Names)
            if (config(name).Optional is { } token) tokens[name] = TokenizerFolder.Spelling(token);
        AddDefaults(config, tokens);
        if (config(Additional) is { Value.ValueKind: JsonValueKind.Array } list && list.Items.Any())
            tokens[Additional] = list.Items.Select(item => (object?)TokenizerFolder.Spelling(item)).ToList();
        if (config(Extra) is { Value.ValueKind: JsonValueKind.Object } extra)
            foreach (var (name, token) in extra.Fields) tokens[name] = TokenizerFolder.Spelling(token);
        return tokens;
    }

    private static void AddDefaults(Func<string, JsonPlace> config, Dictionary<string, object?> tokens)
    {
        if (config(Class) is not { Value.ValueKind: JsonValueKind.String } type) return;
        if (!OfClasses.TryGetValue(TokenizerRoles.WithoutFast(type.Text()), out var usual)) return;
        foreach (var (key, token) in Names.Zip(usual))
            if (token is not null && !config(key).IsGiven) tokens[key] = token;
    }
}
