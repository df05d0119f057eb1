using System.Text.Encodings.Web;
using System.Text.Json;

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
        using (var json = new Utf8JsonWriter(stream, Layout)) WriteFile(json, trained);
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteFile(Utf8JsonWriter json, TrainedBpe trained)
    {
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json);
        json.WriteNull("normalizer");
        WriteByteLevel(json, "pre_tokenizer");
        WriteTemplate(json);
        WriteByteLevel(json, "decoder");
        WriteModel(json, trained);
        json.WriteEndObject();
    }

    private static void WriteAddedTokens(Utf8JsonWriter json)
    {
        json.WriteStartArray("added_tokens");
        foreach (var (id, special) in TrainedBpe.Specials.Index())
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", special);
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

    private static void WriteTemplate(Utf8JsonWriter json)
    {
        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        WriteSequences(json, "single", "A");
        WriteSequences(json, "pair", "A", "B");
        json.WriteStartObject("special_tokens");
        json.WriteStartObject(TrainedBpe.Bos);
        json.WriteString("id", TrainedBpe.Bos);
        json.WriteStartArray("ids");
        json.WriteNumberValue(0);
        json.WriteEndArray();
        json.WriteStartArray("tokens");
        json.WriteStringValue(TrainedBpe.Bos);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // Each text with <s> in front of it.
    private static void WriteSequences(Utf8JsonWriter json, string template, params string[] texts)
    {
        json.WriteStartArray(template);
        foreach (var (type, text) in texts.Index())
        {
            WritePiece(json, "SpecialToken", TrainedBpe.Bos, type);
            WritePiece(json, "Sequence", text, type);
        }

        json.WriteEndArray();
    }

    private static void WritePiece(Utf8JsonWriter json, string kind, string id, int type)
    {
        json.WriteStartObject();
        json.WriteStartObject(kind);
        json.WriteString("id", id);
        json.WriteNumber("type_id", type);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, TrainedBpe trained)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (var unused in new[] { "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix" }) json.WriteNull(unused);
        foreach (var off in new[] { "fuse_unk", "byte_fallback", "ignore_merges" }) json.WriteBoolean(off, false);
        json.WriteStartObject("vocab");
        foreach (var (id, token) in trained.Tokens.Index()) json.WriteNumber(token, id);
        json.WriteEndObject();

        // "left right" is read by every version of the library, ["left", "right"] only by later ones; no token holds a space.
        json.WriteStartArray("merges");
        foreach (var merge in trained.Merges) json.WriteStringValue($"{trained.Tokens[merge.Left]} {trained.Tokens[merge.Right]}");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
