using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Models.Tokenizers;

/// <summary>Writes what the trainer learnt as a tokenizer.json: GPT-2's byte-level BPE, with &lt;s&gt; in front of texts.</summary>
internal static class TokenizerJsonWriter
{
    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Write(TrainedBpe trained)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Layout)) File(trained).WriteTo(json);
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static JsonObject File(TrainedBpe trained) => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. TrainedBpe.Specials.Select((special, id) => new JsonObject
        {
            ["id"] = id,
            ["content"] = special,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        })]),
        ["normalizer"] = null,
        ["pre_tokenizer"] = ByteLevel(),
        ["post_processor"] = new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = Template("A"),
            ["pair"] = Template("A", "B"),
            ["special_tokens"] = new JsonObject
            {
                [TrainedBpe.Bos] = new JsonObject
                {
                    ["id"] = TrainedBpe.Bos,
                    ["ids"] = new JsonArray(0),
                    ["tokens"] = new JsonArray(TrainedBpe.Bos),
                },
            },
        },
        ["decoder"] = ByteLevel(),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(trained.Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),

            // "left right" is read by every version of the library, ["left", "right"] only by later ones; no token holds a space.
            ["merges"] = new JsonArray(
                [.. trained.Merges.Select(merge => (JsonNode)$"{trained.Tokens[merge.Left]} {trained.Tokens[merge.Right]}")]),
        },
    };

    private static JsonObject ByteLevel() =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };

    // Each text with <s> in front of it.
    private static JsonArray Template(params string[] texts) => new([.. texts.SelectMany((text, type) => (JsonNode[])
    [
        new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = TrainedBpe.Bos, ["type_id"] = type } },
        new JsonObject { ["Sequence"] = new JsonObject { ["id"] = text, ["type_id"] = type } },
    ])]);
}
