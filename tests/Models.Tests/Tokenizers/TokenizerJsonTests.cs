using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class TokenizerJsonTests : IDisposable
{
    private const string Sample = "The cat's 12 hats – café, naïve 𝒜 🙂\n\n  end";
    private readonly ScratchFolder folder = new();
    private readonly string file;
    private readonly BpeTokenizer tokenizer = BpeTokenizer.Train(["low low low lower café café cat cats hats that"], 1000);

    public TokenizerJsonTests()
    {
        file = folder.File("tokenizer.json");
        tokenizer.Save(file);
    }

    public static TheoryData<string, string, string> Unsupported => new()
    {
        { "model", """{"type":"WordPiece","vocab":{}}""", "model: found type 'WordPiece', expected type 'BPE'" },
        { "model", """{"type":"Unigram","vocab":[]}""", "model: found type 'Unigram', expected type 'BPE'" },
        { "normalizer", """{"type":"NFC"}""", "normalizer: found type 'NFC', expected null" },
        { "pre_tokenizer", """{"type":"Metaspace"}""", "pre_tokenizer: found type 'Metaspace', expected type 'ByteLevel'" },
        { "pre_tokenizer", "null", "pre_tokenizer: found null, expected type 'ByteLevel'" },
        { "pre_tokenizer.add_prefix_space", "true", "pre_tokenizer.add_prefix_space: found true, expected false" },
        { "pre_tokenizer.use_regex", "false", "pre_tokenizer.use_regex: found false, expected true" },
        { "post_processor", """{"type":"Sequence"}""", "post_processor: found type 'Sequence', expected type 'ByteLevel'" },
        { "decoder", """{"type":"WordPiece"}""", "decoder: found type 'WordPiece', expected type 'ByteLevel'" },
        { "truncation", """{"max_length":5}""", """truncation: found {"max_length":5}, expected null""" },
        { "padding", "{}", "padding: found {}, expected null" },
        { "model.dropout", "0.1", "model.dropout: found 0.1, expected null" },
        { "model.end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix: found \"</w>\", expected null" },
        { "model.byte_fallback", "true", "model.byte_fallback: found true, expected false" },
        { "model.ignore_merges", "true", "model.ignore_merges: found true, expected false" },
        { "model.fuse_unq", "true", "model: found the unknown key 'fuse_unq'; did you mean 'fuse_unk'?, expected only type, dropout" },
        { "model.vocab.日", "263", "model.vocab: found the token '日', expected tokens in the byte-level alphabet" },
        { "added_tokens", "[]", "added_tokens: found [], expected <s> and </s>, or <|endoftext|>" },
        {
            "added_tokens", """[{"id":258,"content":"lo","special":false}]""",
            "added_tokens 'lo': found a token that is not special, expected special tokens only"
        },
    };

    public static TheoryData<string, string, string> Damages => new()
    {
        { "model.vocab.Zed", "9999", "model.vocab 'Zed': found id 9999, expected ids without gaps, 0 to " },
        { "model.vocab.a", "2", "model.vocab 'Ā': found id 2, expected an id of its own: 'a' has this one" },
        { "model.vocab.a", "-1", "model.vocab 'a': found -1, expected an integer from 0" },
        { "model.vocab.a", "\"x\"", "model.vocab 'a': found \"x\", expected an integer from 0" },
        { "model.merges", """["l o","l o"]""", "model.merges[1]: found \"l o\" a second time, expected each pair once" },
        { "model.merges", """["l q"]""", "model.merges[0]: found 'lq', which model.vocab lacks, expected tokens of the vocabulary" },
        { "model.merges", """["l"]""", "model.merges[0]: found \"l\", expected two tokens" },
        { "model.merges", "7", "model.merges: found 7, expected an array" },
        { "decoder", """{"type":"ByteLevel","type":"ByteLevel"}""", "decoder: found 'type' more than once, expected it once" },
        { "added_tokens", """[{"id":7,"content":"<s>","special":true}]""", "added_tokens '<s>': found id 7, expected 0 as in model.vocab" },
    };

    [Fact]
    public void What_is_saved_loads_and_saves_to_the_same_bytes()
    {
        var loaded = BpeTokenizer.Load(file);
        loaded.Save(folder.File("again.json"));
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(folder.File("again.json")));
        Assert.Equal(tokenizer.EncodeToIds(Sample), loaded.EncodeToIds(Sample));
        Assert.Equal((tokenizer.BosId, tokenizer.EosId, tokenizer.VocabularySize), (loaded.BosId, loaded.EosId, loaded.VocabularySize));
    }

    [Fact]
    public void Merges_as_pairs_load_as_merges_with_a_space_do()
    {
        var root = JsonNode.Parse(File.ReadAllText(file))!;
        var merges = root["model"]!["merges"]!.AsArray().Select(merge => merge!.GetValue<string>().Split(' '));
        root["model"]!["merges"] = JsonSerializer.SerializeToNode(merges);
        File.WriteAllText(file, root.ToJsonString());
        Assert.Equal(tokenizer.EncodeToIds(Sample), BpeTokenizer.Load(file).EncodeToIds(Sample));
    }

    [Fact]
    public void Files_in_the_manner_of_GPT_2_load()
    {
        var root = JsonNode.Parse(File.ReadAllText(file))!;
        var model = root["model"]!.AsObject();
        model.Remove("type");
        model["continuing_subword_prefix"] = "";
        root["added_tokens"] = JsonNode.Parse($$"""[{"id":{{tokenizer.VocabularySize}},"content":"<|endoftext|>","special":true}]""");
        root["post_processor"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false}""");
        root["pre_tokenizer"]!.AsObject().Remove("use_regex");
        foreach (var (bare, id) in new[] { ("lĀ", 0), ("lā", 1) })
        {
            model["vocab"]!.AsObject().Remove(id == 0 ? "<s>" : "</s>");
            model["vocab"]![bare] = id;
        }

        File.WriteAllText(file, root.ToJsonString());
        var loaded = BpeTokenizer.Load(file);
        Assert.Equal((tokenizer.VocabularySize, tokenizer.VocabularySize), (loaded.BosId, loaded.EosId));
        Assert.Equal("low", loaded.Decode([loaded.BosId, .. loaded.EncodeToIds("low")]));
    }

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void Names_file_component_and_what_it_found_where_it_cannot_follow(string path, string json, string message)
    {
        var error = LoadWith(path, json);
        Assert.StartsWith($"{file}: {message}", error, StringComparison.Ordinal);
        Assert.EndsWith("; only GPT-2's byte-level BPE can be read: use a model that has it", error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public void Names_file_component_and_what_it_found_where_the_file_is_damaged(string path, string json, string message)
    {
        var error = LoadWith(path, json);
        Assert.StartsWith($"{file}: {message}", error, StringComparison.Ordinal);
        Assert.EndsWith("; the file is damaged: copy or write it again", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"version\": \"\\ud800\", \"\\ud800\": 1}")]
    public void Text_that_is_no_JSON_is_an_input_error(string text)
    {
        File.WriteAllText(file, text);
        var error = Assert.Throws<InputException>(() => BpeTokenizer.Load(file));
        Assert.StartsWith($"{file}: found invalid JSON", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_an_input_error()
    {
        var missing = folder.File("missing.json");
        Assert.Equal(
            $"{missing}: found no readable file (it does not exist), expected one; check the path and its permissions",
            Assert.Throws<InputException>(() => BpeTokenizer.Load(missing)).Message);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Puts raw JSON, however malformed, at a path of keys, loads, and gives the error's text.</summary>
    private string LoadWith(string path, string json)
    {
        const string Mark = "@@";
        var root = JsonNode.Parse(File.ReadAllText(file))!;
        var keys = path.Split('.');
        keys[..^1].Aggregate(root, (node, key) => node[key]!)[keys[^1]] = Mark;
        File.WriteAllText(file, root.ToJsonString().Replace($"\"{Mark}\"", json, StringComparison.Ordinal));
        return Assert.Throws<InputException>(() => BpeTokenizer.Load(file)).Message;
    }
}
