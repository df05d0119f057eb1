using System.Text;
using System.Text.Json;
using Harness.Models.Tokenizers.Json;

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
