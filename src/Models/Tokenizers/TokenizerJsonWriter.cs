using System.Text.Encodings.Web;
using System.Text.Json;
using Harness.Models.Checkpoints;

namespace Harness.Models.Tokenizers;

/// <summary>Writes a model as Hugging Face's tokenizer.json.</summary>
internal static class TokenizerJsonWriter
{
    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(string file, BpeModel model) => DurableFile.Write(file, stream =>
    {
        using (var json = new Utf8JsonWriter(stream, Layout)) WriteFile(json, model);
        stream.WriteByte((byte)'\n');
    });

    private static void WriteFile(Utf8JsonWriter json, BpeModel model)
    {
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json, model);
        json.WriteNull("normalizer");
        WriteByteLevel(json, "pre_tokenizer");
        json.WriteNull("post_processor");
        WriteByteLevel(json, "decoder");
        WriteModel(json, model);
        json.WriteEndObject();
    }

    private static void WriteAddedTokens(Utf8JsonWriter json, BpeModel model)
    {
        json.WriteStartArray("added_tokens");
        foreach (var id in model.Specials)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", model.Tokens[id]);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteByteLevel(Utf8JsonWriter json, string component)
    {
        json.WriteStartObject(component);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", true);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, BpeModel model)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (var unused in new[] { "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix" }) json.WriteNull(unused);
        foreach (var off in new[] { "fuse_unk", "byte_fallback", "ignore_merges" }) json.WriteBoolean(off, false);
        json.WriteStartObject("vocab");
        for (var id = 0; id < model.Tokens.Count; id++) json.WriteNumber(model.Tokens[id], id);
        json.WriteEndObject();

        // "left right" is read by every version of the library, ["left", "right"] only by later ones; no token holds a space.
        json.WriteStartArray("merges");
        foreach (var merge in model.Merges) json.WriteStringValue($"{model.Tokens[merge.Left]} {model.Tokens[merge.Right]}");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
