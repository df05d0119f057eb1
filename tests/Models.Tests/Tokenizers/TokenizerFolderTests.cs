using System.Text.Json.Nodes;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

/// <summary>What the files beside a tokenizer.json change in it. Ids are the text's bytes, but for added tokens.</summary>
public sealed class TokenizerFolderTests : IDisposable
{
    private const string Again =
        "; versions and classes of transformers follow one or the other: make the two agree in a copy of the folder";
    private readonly ScratchFolder folder = new();
    private readonly JsonNode root = TokenizerFile.Bytes((
        "added_tokens", $"[{TokenizerFile.Added(256, "</s>", "special")}," +
            $"{TokenizerFile.Added(257, "<|im_end|>", "special")},{TokenizerFile.Added(258, "<x>")}]"));

    private string Config => folder.File("tokenizer_config.json");

    [Fact]
    public void Tokens_that_tokenizer_json_lacks_are_added()
    {
        Assert.Equal([97, 60, 110, 62], Ids("a<n>"));
        Write("tokenizer_config.json", Decoder(("259", "<n>", "special"), ("260", "<m>", "")));
        var loaded = LoadFolder();
        Assert.Equal([97, 259, 98, 260], loaded.EncodeToIds("a<n>b<m>"));
        Assert.Equal("ab<m>", loaded.Decode([97, 259, 98, 260]));
        Assert.Equal(261, loaded.VocabularySize);
        Write("tokenizer_config.json", Decoder(("261", "<n>", "special")));
        Assert.Equal($"{Config}: added_tokens_decoder: found '<n>' as 261, expected 259, which tokenizer.json gives it{Again}",
            Refused());
        Write("tokenizer_config.json", Decoder(("256", "<x>", "")));
        Assert.Equal($"{Config}: added_tokens_decoder: found '<x>' as 256, expected 258, which tokenizer.json gives it{Again}",
            Refused());
    }

    [Fact]
    public void Flags_that_differ_are_those_of_the_later_file()
    {
        Assert.Equal([97, 32, 258, 32, 98], Ids("a <x> b"));
        Write("tokenizer_config.json", Decoder(("258", "<x>", "lstrip")));
        Assert.Equal([97, 258, 32, 98], Ids("a <x> b"));
        Write("tokenizer_config.json", Decoder(("258", "<x>", "lstrip rstrip special")));
        Assert.Equal([97, 258, 98], Ids("a <x> b"));
        Assert.True(LoadFolder().IsSpecial(258));
        Write("tokenizer_config.json", Decoder(("258", "<x>", "single_word")));
        Assert.Equal([97, 60, 120, 62, 32, 258], Ids("a<x> <x>"));
    }

    [Fact]
    public void Named_special_tokens_are_found_in_texts()
    {
        Write("tokenizer_config.json",
            """{"pad_token": "[PAD]", "unk_token": {"__type": "AddedToken", "content": "A"}, "extra_special_tokens": {"image": "<i>"}}""");
        var loaded = LoadFolder();
        Assert.Equal([65, 259, 260], loaded.EncodeToIds("A[PAD]<i>"));
        Assert.True(loaded.IsSpecial(65) && loaded.IsSpecial(259) && !loaded.IsSpecial(258));
        Write("tokenizer_config.json", """{"additional_special_tokens": ["<i>", "<x>"]}""");
        Assert.Equal([259, 258], Ids("<i><x>"));
    }

    [Fact]
    public void Older_folders_have_files_of_their_own_for_it()
    {
        Write("added_tokens.json", """{"<n>": 259, "</s>": 256}""");
        Write("special_tokens_map.json", """{"eos_token": {"content": "<|im_end|>"}, "pad_token": "<n>"}""");
        Write("tokenizer_config.json", """{"eos_token": "</s>"}""");
        var loaded = LoadFolder();
        Assert.Equal(257, loaded.EosId);
        Assert.Equal([97, 259], loaded.EncodeToIds("a<n>"));
        Assert.True(loaded.IsSpecial(259));
        Write("tokenizer_config.json", """{"added_tokens_decoder": {}, "eos_token": "</s>"}""");
        Assert.Equal(256, LoadFolder().EosId);
        Assert.Equal([97, 60, 110, 62], Ids("a<n>"));
    }

    [Theory]
    [InlineData("GPT2Tokenizer", "", true, "false, expected true as in tokenizer.json")]
    [InlineData("GPT2TokenizerFast", "\"add_prefix_space\": true", false, "true, expected false as in tokenizer.json")]
    [InlineData("PreTrainedTokenizerFast", "\"add_prefix_space\": false", true, "false, expected true as in tokenizer.json")]
    [InlineData("LlamaTokenizer", "\"add_prefix_space\": true", false, "true, expected false as in tokenizer.json")]
    [InlineData("PreTrainedTokenizerFast", "", true, null)]
    [InlineData("GPT2Tokenizer", "\"add_prefix_space\": true", true, null)]
    [InlineData("GPT2Tokenizer", "", false, null)]
    [InlineData("LlamaTokenizerFast", "\"add_prefix_space\": null", true, null)]
    [InlineData("Qwen2Tokenizer", "\"add_prefix_space\": false", false, null)]
    public void A_space_in_front_is_one_that_both_files_want(string type, string member, bool prepends, string? message)
    {
        TokenizerFile.Set(root, "pre_tokenizer.add_prefix_space", prepends);
        TokenizerFile.Set(root, "added_tokens.2.content", "<s>");
        Write("tokenizer_config.json", $$"""{"tokenizer_class": "{{type}}"{{(member.Length > 0 ? ", " : "")}}{{member}}}""");
        if (message is null) Assert.Equal(prepends ? [32, 97] : [97], Ids("a"));
        else Assert.Equal($"{Config}: add_prefix_space: found {message}{Again}", Refused());
    }

    [Theory]
    [InlineData("\"split_special_tokens\": true", "split_special_tokens: found true, " +
        "expected false: special tokens are found in texts; ")]
    [InlineData("\"fix_mistral_regex\": true", "fix_mistral_regex: found true, " +
        "expected false: texts are split as tokenizer.json says; ")]
    [InlineData("\"added_tokens_decoder\": []", "added_tokens_decoder: found [], expected an object; the file is damaged")]
    [InlineData("\"added_tokens_decoder\": {\"x\": {}}", "added_tokens_decoder: found 'x', expected an id; the file is damaged")]
    [InlineData("\"added_tokens_decoder\": {\"259\": {\"contents\": 1}}", "added_tokens_decoder.259: found the unknown key 'contents'; " +
        "did you mean 'content'?, expected only")]
    [InlineData("\"bos_token\": \"<y>\"", "bos_token: found '<y>', expected a token of tokenizer.json; the file is damaged")]
    [InlineData("\"pad_token\": 3", "pad_token: found 3, expected a text; the file is damaged")]
    [InlineData("\"pad_token\": \"\\ud800\"", "pad_token: found text that is no Unicode, expected")]
    public void What_cannot_be_followed_is_refused(string member, string message)
    {
        Write("tokenizer_config.json", $$"""{{{member}}}""");
        Assert.StartsWith($"{Config}: {message}", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_changes_no_ids_is_left_aside()
    {
        var before = Ids("a <x> don 't .");
        Write(
            "tokenizer_config.json",
            """
            {"clean_up_tokenization_spaces": true, "legacy": true, "model_max_length": 1000000000000000019884624838656, "padding_side": "left", "errors": "replace",
             "use_default_system_prompt": false, "sp_model_kwargs": {}, "chat_template": "x", "split_special_tokens": false, "spaces_between_special_tokens": false}
            """);
        Assert.Equal(before, Ids("a <x> don 't ."));
    }

    public void Dispose() => folder.Dispose();

    private static string Decoder(params (string Id, string Content, string Flags)[] tokens)
    {
        var entries = new JsonObject();
        foreach (var (id, content, flags) in tokens)
        {
            var token = JsonNode.Parse(TokenizerFile.Added(0, content, flags))!.AsObject();
            token.Remove("id");
            entries[id] = token;
        }

        return new JsonObject { ["added_tokens_decoder"] = entries }.ToJsonString();
    }

    private IReadOnlyList<int> Ids(string text) => LoadFolder().EncodeToIds(text);

    private string Refused()
    {
        var error = Assert.Throws<InputException>(LoadFolder).Message;
        Assert.DoesNotContain('\n', error);
        return error;
    }

    private BpeTokenizer LoadFolder()
    {
        Write("tokenizer.json", root.ToJsonString());
        return BpeTokenizer.LoadFolder(Path.GetDirectoryName(Config)!);
    }

    private void Write(string name, string content) => File.WriteAllText(folder.File(name), content);
}
