using System.Text.Json;
using Harness.Models.Checkpoints;

namespace Harness.Models.Tokenizers;

/// <summary>
/// Reads Hugging Face's tokenizer.json, byte-level BPE only: whatever would encode differently from <see cref="BpeTokenizer"/> is an error.
/// </summary>
internal sealed class TokenizerJsonReader
{
    private const string Model = "model";

    private static readonly string[] RootKeys =
        ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"];

    private static readonly string[] ModelKeys =
    [
        "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges",
        "vocab", "merges",
    ];

    private readonly JsonComponents json;

    private TokenizerJsonReader(string file) => json = new JsonComponents(file);

    /// <exception cref="InputException">The file cannot be read, is damaged, or has a component of another kind.</exception>
    public static BpeModel Read(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return new TokenizerJsonReader(file).ReadFile(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: JSON text that is no valid Unicode.
            var found = exception.Message.TrimEnd('.');
            throw new InputException($"{file}: found invalid JSON ({found}), expected a tokenizer.json; copy or write it again", exception);
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            throw FileCause.CannotRead(file, exception);
        }
    }

    private BpeModel ReadFile(JsonElement root)
    {
        var members = json.Members("file", root, RootKeys);
        foreach (var absent in new[] { "truncation", "padding", "normalizer" }) json.ExpectNull(absent, members.GetValueOrDefault(absent));
        ReadByteLevel("pre_tokenizer", members);
        ReadByteLevel("decoder", members);

        // ByteLevel here trims offsets, which are not read; anything else would add tokens.
        if (JsonComponents.IsPresent(members.GetValueOrDefault("post_processor"))) ReadByteLevel("post_processor", members);
        return ReadModel(members);
    }

    private void ReadByteLevel(string component, Dictionary<string, JsonElement> root)
    {
        var value = root.GetValueOrDefault(component);
        if (!JsonComponents.IsPresent(value)) throw json.Unsupported(component, "null", "type 'ByteLevel'");
        var type = json.TypeOf(component, value);
        if (type != "ByteLevel") throw json.Unsupported(component, $"type '{type}'", "type 'ByteLevel'");
        var members = json.Members(component, value, ["type", "add_prefix_space", "trim_offsets", "use_regex"]);
        if (component != "pre_tokenizer") return;
        json.ExpectFlag($"{component}.add_prefix_space", json.Member(component, members, "add_prefix_space"), wanted: false);
        json.ExpectFlag($"{component}.use_regex", members.GetValueOrDefault("use_regex"), wanted: true);
    }

    private BpeModel ReadModel(Dictionary<string, JsonElement> root)
    {
        if (!root.TryGetValue(Model, out var value)) throw json.Unsupported(Model, "nothing", "type 'BPE'");

        // GPT-2's own file has no type; its merges tell it from the other models.
        var type = json.TypeOf(Model, value, unnamed: "BPE");
        if (type != "BPE") throw json.Unsupported(Model, $"type '{type}'", "type 'BPE'");
        var members = json.Members(Model, value, ModelKeys);
        json.ExpectNull("model.dropout", members.GetValueOrDefault("dropout"));
        foreach (var affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            var text = members.GetValueOrDefault(affix);
            if (text.ValueKind != JsonValueKind.String || text.GetString() != "") json.ExpectNull($"model.{affix}", text);
        }

        foreach (var flag in new[] { "byte_fallback", "ignore_merges" })
        {
            json.ExpectFlag($"model.{flag}", members.GetValueOrDefault(flag), wanted: false);
        }

        return new TokenizerJsonVocabulary(json).Read(members, root.GetValueOrDefault("added_tokens"));
    }
}
