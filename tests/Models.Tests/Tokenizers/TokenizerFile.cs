using System.Text.Json.Nodes;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

/// <summary>A small tokenizer.json, to be changed part by part.</summary>
internal static class TokenizerFile
{
    /// <summary>tests/tokenizers/sample.</summary>
    public static readonly string SampleFolder = Path.Combine(AppContext.BaseDirectory, "TokenizerSample");

    /// <summary>
    /// Text for the parts of a vocabulary that knows nothing but bytes: ids are the bytes of the text that the model gets.
    /// </summary>
    public const string ByteLevel = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}""";

    /// <summary>A file whose model has the bytes as ids 0 to 255 and one special, &lt;/s&gt;, as 256.</summary>
    public static JsonNode Bytes()
    {
        var root = JsonNode.Parse(
            """
            {"version":"1.0","truncation":null,"padding":null,
             "added_tokens":[{"id":256,"content":"</s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
             "normalizer":null,"pre_tokenizer":null,"post_processor":null,"decoder":null,
             "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":false,
                      "byte_fallback":false,"ignore_merges":false,"vocab":{},"merges":[]}}
            """)!;
        foreach (var (value, letter) in Harness.Models.Tokenizers.ByteAlphabet.All.Index()) root["model"]!["vocab"]![letter] = value;
        root["pre_tokenizer"] = JsonNode.Parse(ByteLevel);
        root["decoder"] = JsonNode.Parse(ByteLevel);
        return root;
    }

    /// <summary>The same with parts put in the place of its own: paths of keys with points between them, and JSON.</summary>
    public static JsonNode Bytes(params (string Path, string Json)[] parts)
    {
        var root = Bytes();
        foreach (var (path, json) in parts) Set(root, path, JsonNode.Parse(json));
        return root;
    }

    /// <summary>Puts a value at a path of keys.</summary>
    public static void Set(JsonNode root, string path, JsonNode? value)
    {
        var keys = path.Split('.');
        keys[..^1].Aggregate(root, (node, key) => node is JsonArray list ? list[int.Parse(key)]! : node[key]!)[keys[^1]] = value;
    }

    /// <summary>An added token's JSON.</summary>
    public static string Added(int id, string content, string flags = "")
    {
        var token = JsonNode.Parse("""{"single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false}""")!;
        (token["id"], token["content"]) = (id, content);
        foreach (var flag in flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)) token[flag] = true;
        return token.ToJsonString();
    }

    /// <summary>The committed tokenizer.json files, in the order of their names.</summary>
    public static IEnumerable<string> Samples() =>
        Directory.GetFiles(SampleFolder, "tokenizer.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    /// <summary>One of them.</summary>
    public static string Sample(string name) => Path.Combine(SampleFolder, name, "tokenizer.json");

    /// <summary>Loads it.</summary>
    public static BpeTokenizer Load(JsonNode root)
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder.File("tokenizer.json"), root.ToJsonString());
        return BpeTokenizer.Load(folder.File("tokenizer.json"));
    }
}
