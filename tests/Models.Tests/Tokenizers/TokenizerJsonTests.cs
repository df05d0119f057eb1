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
        { "version", "\"2.0\"", "version: found \"2.0\", expected 1.0" },
        { "pretokenizer", "null",
            "found the unknown key 'pretokenizer'; did you mean 'pre_tokenizer'?, expected only version, trunc" },
        { "model", """{"type":"WordPiece","vocab":{}}""", "model: found type 'WordPiece', expected type 'BPE'" },
        { "model", """{"type":"Unigram","vocab":[]}""", "model: found type 'Unigram', expected type 'BPE'" },
        { "truncation", """{"type":"ByteLevel"}""",
            "truncation: found the unknown key 'type', expected only direction, max_length, strategy, stride" },
        { "padding", """{"type":"NFC"}""",
            "padding: found the unknown key 'type', expected only strategy, direction, pad_to_multiple_of, pad_id, pad_type_id" },
        { "normalizer", """{"type":"Precompiled"}""",
            "normalizer: found type 'Precompiled', expected type NFC, NFD, NFKC, NFKD, Prepend, Repl" },
        {
            "normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"BertNormalizer"}]}""",
            "normalizer.normalizers[1]: found type 'BertNormalizer', expected type NFC"
        },
        { "normalizer", """{"type":"NFC","form":1}""", "normalizer: found the unknown key 'form', expected only type" },
        { "normalizer", """{"type":"Replace","pattern":{"String":""},"content":""}""",
            "normalizer.pattern.String: found no text, expected some text" },
        {
            "pre_tokenizer", """{"type":"Whitespace"}""",
            "pre_tokenizer: found type 'Whitespace', expected type ByteLevel, Split, Digits, Metaspace or Sequence"
        },
        {
            "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\w+"},"behavior":"Isolated","invert":false}""",
            "pre_tokenizer.pattern.Regex: found the escape \\w in \"\\\\w+\", expected what those tokenizers use"
        },
        {
            "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated","invert":false}""",
            "pre_tokenizer.pattern.Regex: found an expression that makes no sense ("
        },
        {
            "pre_tokenizer", """{"type":"Split","pattern":{"String":"a"},"behavior":"isolated","invert":false}""",
            "pre_tokenizer.behavior: found \"isolated\", expected Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous"
        },
        {
            "pre_tokenizer", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"last"}""",
            "pre_tokenizer.prepend_scheme: found \"last\", expected first, always, never"
        },
        {
            "post_processor", """{"type":"BertProcessing"}""",
            "post_processor: found type 'BertProcessing', expected type ByteLevel, TemplateProcessing or Sequence"
        },
        {
            "post_processor", """{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":0}}],"pair":[],"special_tokens":{}}""",
            """post_processor.single[0]: found {"Sequence":{"id":"B","type_id":0}}, expected the text A, once"""
        },
        {
            "post_processor", """{"type":"TemplateProcessing","single":[],"pair":[],"special_tokens":{}}""",
            "post_processor.single: found no text, expected the text A, once"
        },
        { "decoder", """{"type":"CTC"}""",
            "decoder: found type 'CTC', expected type ByteLevel, Metaspace, Replace, ByteFallback, Fuse, Strip" },
        { "decoder", """{"type":"Sequence","decoders":[{"type":"WordPiece"}]}""", "decoder.decoders[0]: found type 'WordPiece', expected" },
        { "model.dropout", "0.1", "model.dropout: found 0.1, expected null" },
        { "model.end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix: found \"</w>\", expected null" },
        { "model.fuse_unq", "true", "model: found the unknown key 'fuse_unq'; did you mean 'fuse_unk'?, expected only type, dropout" },
        { "added_tokens", "[]", "added_tokens: found [], expected one of </s>, <|endoftext|>, <|end_of_text|>, <|im_end|>" },
    };

    public static TheoryData<string, string, string> Damages => new()
    {
        { "truncation", "7", "truncation: found 7, expected an object" },
        { "normalizer", "[]", "normalizer: found [], expected an object" },
        { "normalizer", "{}", "normalizer.type: found nothing, expected a text" },
        { "normalizer", """{"type":"Strip","strip_left":1}""", "normalizer.strip_left: found 1, expected true or false" },
        { "normalizer", """{"type":"Replace","pattern":{},"content":""}""", "normalizer.pattern: found {}, expected String or Regex" },
        { "pre_tokenizer", """{"type":"ByteLevel"}""", "pre_tokenizer.add_prefix_space: found nothing, expected true or false" },
        {
            "pre_tokenizer", """{"type":"Metaspace","replacement":"▁","add_prefix_space":false}""",
            "pre_tokenizer.add_prefix_space: found false, expected true, as in prepend_scheme"
        },
        { "pre_tokenizer", """{"type":"Metaspace","replacement":"ab"}""",
            "pre_tokenizer.replacement: found \"ab\", expected one character" },
        {
            "post_processor",
            """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<x>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{}}""",
            "post_processor.special_tokens '<x>': found nothing, expected an object"
        },
        {
            "post_processor.special_tokens.<s>", """{"id":"<s>","ids":[9999],"tokens":["<s>"]}""",
            "post_processor: found the id 9999, which no token has, expected ids of tokens"
        },
        { "decoder", """{"type":"Strip","content":" ","start":-1,"stop":0}""",
            "decoder.start: found -1, expected a whole number from 0 to 16777215" },
        { "normalizer", """{"type":"Sequence","normalizers":[null]}""", "normalizer.normalizers[0]: found null, expected an object" },
        { "post_processor", """{"type":"Sequence","processors":[null]}""", "post_processor.processors[0]: found null, expected an object" },
        { "decoder", """{"type":"ByteLevel","trim_offsets":[]}""", "decoder.trim_offsets: found [], expected true or false" },
        { "decoder", """{"type":"ByteLevel","type":"ByteLevel"}""", "decoder: found 'type' more than once, expected it once" },
        { "model.vocab.a", "2", "model.vocab.a: found id 2, expected an id of its own: 'Ā' has this one" },
        { "model.vocab.a", "-1", "model.vocab.a: found -1, expected a whole number from 0 to 16777215" },
        { "model.vocab.a", "16777216", "model.vocab.a: found 16777216, expected a whole number from 0 to 16777215" },
        { "model.vocab.a", "\"x\"", "model.vocab.a: found \"x\", expected a whole number from 0" },
        { "model.merges", """["l q"]""", "model.merges[0]: found 'lq', which model.vocab lacks, expected tokens of the vocabulary" },
        { "model.merges", """[["l","o","w"]]""", """model.merges[0]: found ["l","o","w"], expected two tokens""" },
        { "model.merges", """["l"]""", "model.merges[0]: found \"l\", expected two tokens" },
        { "model.merges", "7", "model.merges: found 7, expected a list" },
        { "model.byte_fallback", "1", "model.byte_fallback: found 1, expected true or false" },
        { "model.unk_token", "1", "model.unk_token: found 1, expected a text" },
        { "added_tokens", $"[{TokenizerFile.Added(7, "<s>")}]", "added_tokens[0]: found '<s>' with id 7, expected 0 as in model.vocab" },
        { "added_tokens", $"[{TokenizerFile.Added(0, "<s>")},{TokenizerFile.Added(0, "<s>")}]",
            "added_tokens[1]: found '<s>' more than once, expected it once" },
        { "added_tokens", """[{"id":0,"content":"<s>"}]""", "added_tokens[0].single_word: found nothing, expected true or false" },
    };

    [Fact]
    public void What_is_saved_loads_and_saves_to_the_same_bytes()
    {
        var loaded = BpeTokenizer.Load(file);
        loaded.Save(folder.File("again.json"));
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(folder.File("again.json")));
        Assert.Equal(tokenizer.EncodeToIds(Sample), loaded.EncodeToIds(Sample));
        Assert.Equal((tokenizer.BosId, tokenizer.EosId, tokenizer.VocabularySize), (loaded.BosId, loaded.EosId, loaded.VocabularySize));
        Assert.Equal([0], loaded.Prefix);
    }

    [Fact]
    public void A_file_is_saved_as_it_was_read()
    {
        var text = "\n " + JsonNode.Parse(File.ReadAllText(file))!.ToJsonString() + " \r\n";
        File.WriteAllText(file, text);
        var loaded = BpeTokenizer.Load(file);
        File.Delete(file);
        loaded.Save(folder.File("again.json"));
        Assert.Equal(text, File.ReadAllText(folder.File("again.json")));
    }

    [Fact]
    public void Merges_as_pairs_load_as_merges_with_a_space_do()
    {
        var root = JsonNode.Parse(File.ReadAllText(file))!;
        var merges = root["model"]!["merges"]!.AsArray().Select(merge => merge!.GetValue<string>().Split(' '));
        root["model"]!["merges"] = JsonSerializer.SerializeToNode(merges);
        Assert.Equal(tokenizer.EncodeToIds(Sample), TokenizerFile.Load(root).EncodeToIds(Sample));
    }

    [Fact]
    public void Files_in_the_manner_of_GPT_2_load()
    {
        var root = JsonNode.Parse(File.ReadAllText(file))!;
        var model = root["model"]!.AsObject();
        model.Remove("type");
        model["continuing_subword_prefix"] = "";
        root["added_tokens"] = JsonNode.Parse($"[{TokenizerFile.Added(tokenizer.VocabularySize, "<|endoftext|>", "special")}]");
        root["post_processor"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false}""");
        root["pre_tokenizer"]!.AsObject().Remove("use_regex");
        var loaded = TokenizerFile.Load(root);
        Assert.Equal((tokenizer.VocabularySize, tokenizer.VocabularySize), (loaded.BosId, loaded.EosId));
        Assert.Empty(loaded.Prefix);
        Assert.Equal("low", loaded.Decode([loaded.EosId, .. loaded.EncodeToIds("low")]));
    }

    [Fact]
    public void Truncation_and_padding_change_no_encoding()
    {
        var root = JsonNode.Parse(File.ReadAllText(file))!;
        root["truncation"] = JsonNode.Parse("""{"direction":"Right","max_length":2,"strategy":"LongestFirst","stride":0}""");
        root["padding"] = JsonNode.Parse(
            """{"strategy":{"Fixed":64},"direction":"Right","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"<s>"}""");
        Assert.Equal(tokenizer.EncodeToIds(Sample), TokenizerFile.Load(root).EncodeToIds(Sample));
    }

    [Fact]
    public void A_pair_merged_twice_has_its_last_rank()
    {
        // b c and a b compete for "abc"; the second a b comes after b c.
        var root = TokenizerFile.Bytes(("model.vocab.ab", "257"), ("model.vocab.bc", "258"), ("model.merges", """["a b","b c","a b"]"""));
        root["added_tokens"]![0]!["id"] = 258 + 1;
        root["model"]!["vocab"]!["</s>"] = 259;
        Assert.Equal(['a', 258], TokenizerFile.Load(root).EncodeToIds("abc"));
    }

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void Names_file_component_and_what_it_found_where_it_cannot_follow(string path, string json, string message)
    {
        var error = LoadWith(path, json);
        Assert.StartsWith($"{file}: {message}", error, StringComparison.Ordinal);
        Assert.EndsWith("; the BPE tokenizers of GPT, LLaMA, Mistral, Qwen and BLOOM can be read: use a model that has one", error,
            StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public void Names_file_component_and_what_it_found_where_the_file_is_damaged(string path, string json, string message)
    {
        var error = LoadWith(path, json);
        Assert.StartsWith($"{file}: {message}", error, StringComparison.Ordinal);
        Assert.EndsWith("; the file is damaged: copy or write it again", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData("{", "found no valid JSON at byte 2 (", "expected a tokenizer.json")]
    [InlineData("{\"version\": \"\\ud800\"}", "version: found text that is no Unicode, ", "expected valid UTF-8 and whole surrogate pairs")]
    [InlineData("{\"\\ud800\": 1}", "found text that is no Unicode, ", "expected valid UTF-8 and whole surrogate pairs")]
    public void Text_that_is_no_JSON_is_an_input_error(string text, string start, string end)
    {
        File.WriteAllText(file, text);
        var error = Assert.Throws<InputException>(() => BpeTokenizer.Load(file));
        Assert.StartsWith($"{file}: {start}", error.Message, StringComparison.Ordinal);
        Assert.EndsWith($"{end}; the file is damaged: copy or write it again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_added_token_s_id_is_the_one_that_the_library_gives_it()
    {
        var next = tokenizer.VocabularySize;
        var error = LoadWith("added_tokens", $"[{TokenizerFile.Added(next, "<x>")},{TokenizerFile.Added(5000, "<y>")}]");
        var message = $"{file}: added_tokens[1]: found '<y>' with id 5000, expected {next + 1}, which Hugging Face's library gives it; " +
            "the file is damaged";
        Assert.StartsWith(message, error, StringComparison.Ordinal);
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
        TokenizerFile.Set(root, path, Mark);
        File.WriteAllText(file, root.ToJsonString().Replace($"\"{Mark}\"", json, StringComparison.Ordinal));
        return Assert.Throws<InputException>(() => BpeTokenizer.Load(file)).Message;
    }
}
