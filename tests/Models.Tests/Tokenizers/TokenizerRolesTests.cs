using System.Text.Json.Nodes;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Tokenizers;

public sealed class TokenizerRolesTests : IDisposable
{
    private const string Template =
        """
        {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<x>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
          {"SpecialToken":{"id":"</s>","type_id":0}}],"pair":[],
         "special_tokens":{"<x>":{"id":"<x>","ids":[258],"tokens":["<x>"]},"</s>":{"id":"</s>","ids":[256],"tokens":["</s>"]}}}
        """;

    private readonly ScratchFolder folder = new();
    private readonly JsonNode root = TokenizerFile.Bytes((
        "added_tokens",
        $"[{TokenizerFile.Added(256, "</s>", "special")}," +
            $"{TokenizerFile.Added(257, "<|im_end|>", "special")},{TokenizerFile.Added(258, "<x>")}]"));

    [Fact]
    public void Without_other_files_well_known_names_count()
    {
        var loaded = LoadFolder();
        Assert.Equal((null, 256), (loaded.BosId, loaded.EosId));
        Assert.Equal([256], loaded.StopIds);
        Assert.Empty(loaded.Prefix);
        Assert.Empty(loaded.Suffix);
        var others = $"[{TokenizerFile.Added(256, "<|im_end|>")},{TokenizerFile.Added(257, "<|endoftext|>")}]";
        TokenizerFile.Set(root, "added_tokens", JsonNode.Parse(others));
        loaded = LoadFolder();
        Assert.Equal((257, 257), (loaded.BosId, loaded.EosId));
    }

    [Fact]
    public void The_post_processor_s_template_gives_prefix_and_suffix()
    {
        TokenizerFile.Set(root, "post_processor", JsonNode.Parse(Template));
        var loaded = LoadFolder();
        Assert.Equal([258], loaded.Prefix);
        Assert.Equal([256], loaded.Suffix);
        Assert.Equal(258, loaded.BosId);
        var outer = Template.Replace("258", "257", StringComparison.Ordinal);
        var sequence = $$"""{"type":"Sequence","processors":[{{TokenizerFile.ByteLevel}},{{outer}}]}""";
        TokenizerFile.Set(root, "post_processor", JsonNode.Parse(sequence));
        Assert.Equal([257], LoadFolder().Prefix);
        Assert.Equal([256], LoadFolder().Suffix);
        sequence = $$"""{"type":"Sequence","processors":[{{Template}},{{outer}}]}""";
        TokenizerFile.Set(root, "post_processor", JsonNode.Parse(sequence));
        Assert.Contains("post_processor.processors: found 2 templates, expected one; ", Assert.Throws<InputException>(LoadFolder).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_tokenizer_s_configuration_comes_first_and_every_file_names_stops()
    {
        Write("config.json", """{"bos_token_id": 65, "eos_token_id": [257, 258], "other": {}}""");
        var loaded = LoadFolder();
        Assert.Equal((65, 257), (loaded.BosId, loaded.EosId));
        Assert.Equal([257, 258], loaded.StopIds.Order());
        Write("generation_config.json", """{"eos_token_id": 66}""");
        Write("tokenizer_config.json", """{"bos_token": {"content": "<x>", "lstrip": false}, "eos_token": "</s>"}""");
        loaded = LoadFolder();
        Assert.Equal((258, 256), (loaded.BosId, loaded.EosId));
        Assert.Equal([66, 256, 257, 258], loaded.StopIds.Order());
        Write("config.json", """{"eos_token_id": null}""");
        Write("tokenizer_config.json", """{"bos_token": null, "eos_token": null}""");
        loaded = LoadFolder();
        Assert.Equal((null, 256), (loaded.BosId, loaded.EosId));
        Assert.Equal([66, 256], loaded.StopIds.Order());
    }

    // LLaMA 3's instruct models: a turn has an end of its own, which the tokenizer's configuration names, and generation stops at both.
    [Fact]
    public void A_turn_s_end_is_what_is_learnt_and_where_answers_stop()
    {
        Write("config.json", """{"eos_token_id": 256}""");
        Write("generation_config.json", """{"eos_token_id": [256, 257]}""");
        Write("tokenizer_config.json", """{"eos_token": "<|im_end|>"}""");
        var loaded = LoadFolder();
        Assert.Equal(257, loaded.EosId);
        Assert.Equal([256, 257], loaded.StopIds.Order());
    }

    [Fact]
    public void A_prefix_can_be_done_without()
    {
        TokenizerFile.Set(root, "post_processor", JsonNode.Parse(Template));
        var loaded = LoadFolder();
        Assert.Empty(loaded.WithoutPrefix().Prefix);
        Assert.Equal((loaded.BosId, loaded.EosId, 1), (loaded.WithoutPrefix().BosId, loaded.WithoutPrefix().EosId, loaded.Prefix.Count));
    }

    [Fact]
    public void A_beginning_that_is_null_is_none_whatever_the_other_files_say()
    {
        Write("config.json", """{"bos_token_id": 65}""");
        Assert.Equal(65, LoadFolder().BosId);
        Write("tokenizer_config.json", """{"tokenizer_class": "Qwen2Tokenizer", "add_bos_token": false, "bos_token": null}""");
        Assert.Null(LoadFolder().BosId);
    }

    // The classes of transformers that build the post-processor anew: prefix and suffix are what the flags say.
    [Theory]
    [InlineData("LlamaTokenizerFast", """ "add_bos_token": false, "add_eos_token": false, "bos_token": "<x>" """, "", "")]
    [InlineData("LlamaTokenizer", """ "add_bos_token": true, "add_eos_token": true, "bos_token": "<x>" """, "258", "256")]
    [InlineData("LlamaTokenizer", """ "add_bos_token": null, "bos_token": "<x>" """, "", "")]
    [InlineData("CodeLlamaTokenizerFast", """ "add_eos_token": true, "bos_token": "<|im_end|>", "eos_token": "<x>" """, "257", "258")]
    [InlineData("GemmaTokenizer", """ "bos_token": {"content": "<x>"} """, "258", "")]
    [InlineData("CohereTokenizerFast", """ "bos_token": null, "add_bos_token": false """, "", "")]
    [InlineData("PreTrainedTokenizerFast", """ "add_bos_token": true, "bos_token": "<x>" """, "258", "256")]
    [InlineData("PreTrainedTokenizerFast", """ "add_bos_token": null, "bos_token": "<|im_end|>" """, "258", "256")]
    [InlineData("Qwen2Tokenizer", """ "bos_token": null """, "258", "256")]
    public void The_flags_count_for_the_classes_that_follow_them(string type, string members, string prefix, string suffix)
    {
        TokenizerFile.Set(root, "post_processor", JsonNode.Parse(Template));
        Write("tokenizer_config.json", $$"""{"tokenizer_class": "{{type}}", {{members}}}""");
        var loaded = LoadFolder();
        Assert.Equal((prefix, suffix), (string.Join(' ', loaded.Prefix), string.Join(' ', loaded.Suffix)));
    }

    [Fact]
    public void What_is_put_behind_is_asked_of_the_same_two_places()
    {
        TokenizerFile.Set(root, "post_processor", JsonNode.Parse(Template));
        Write("tokenizer_config.json", """{"tokenizer_class": "PreTrainedTokenizerFast", "add_eos_token": false, "eos_token": "</s>"}""");
        Assert.Contains(
            "add_eos_token: found false, expected what tokenizer.json's post_processor puts behind texts, </s>;",
            Assert.Throws<InputException>(LoadFolder).Message, StringComparison.Ordinal);
    }

    // Such classes take tokenizer.json's word in transformers 4 and the flag's in transformers 5.
    [Theory]
    [InlineData("PreTrainedTokenizerFast", """ "add_bos_token": false, "bos_token": "<x>" """, "false, expected what tokenizer.json's " +
        "post_processor puts in front of texts, <x>")]
    [InlineData("PreTrainedTokenizerFast", """ "add_bos_token": true, "bos_token": "<|im_end|>" """,
        "true, expected what tokenizer.json's post_processor puts in front of texts, <x>")]
    [InlineData("Qwen2Tokenizer", """ "add_bos_token": false, "bos_token": null """, "false, expected what tokenizer.json's " +
        "post_processor puts in front of texts, <x>")]
    public void A_flag_that_contradicts_tokenizer_json_is_refused_for_the_others(string type, string members, string message)
    {
        TokenizerFile.Set(root, "post_processor", JsonNode.Parse(Template));
        Write("tokenizer_config.json", $$"""{"tokenizer_class": "{{type}}", {{members}}}""");
        Assert.Equal(
            $"{folder.File("tokenizer_config.json")}: add_bos_token: found {message}; " +
                "versions and classes of transformers follow one or the other: make the two agree in a copy of the folder",
            Assert.Throws<InputException>(LoadFolder).Message);
        TokenizerFile.Set(root, "post_processor", null);
        Write("tokenizer_config.json", $$"""{"tokenizer_class": "{{type}}", "add_bos_token": true, "bos_token": "<x>"}""");
        Assert.Contains("in front of texts, nothing;", Assert.Throws<InputException>(LoadFolder).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_is_told_to_put_nothing_in_front_does_not_whatever_tokenizer_json_says()
    {
        var template = JsonNode.Parse(Template.Replace("<x>", "<s>", StringComparison.Ordinal))!;
        template["single"]!.AsArray().RemoveAt(2);
        TokenizerFile.Set(root, "added_tokens.2.content", "<s>");
        TokenizerFile.Set(root, "post_processor", template);
        Assert.Equal([258], LoadFolder().Prefix);
        Write("tokenizer_config.json",
            """{"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": false, "add_eos_token": false, "bos_token": "<s>", "eos_token": "</s>"}""");
        var loaded = LoadFolder();
        Assert.Empty(loaded.Prefix);
        Assert.Empty(loaded.Suffix);
        Assert.Equal((258, 256), (loaded.BosId, loaded.EosId));
    }

    [Fact]
    public void Such_a_class_has_its_own_beginning_where_none_is_named()
    {
        TokenizerFile.Set(root, "added_tokens.2.content", "<s>");
        Write("config.json", """{"tokenizer_class": "LlamaTokenizer", "bos_token_id": 65, "eos_token_id": 66}""");
        var loaded = LoadFolder();
        Assert.Equal((258, 256), (loaded.BosId, loaded.EosId));
        Assert.Equal([258], loaded.Prefix);
    }

    [Fact]
    public void No_well_known_name_is_needed_where_a_file_names_the_end()
    {
        TokenizerFile.Set(root, "added_tokens", JsonNode.Parse("[]"));
        Assert.Contains("added_tokens: found [], expected one of </s>", Assert.Throws<InputException>(LoadFolder).Message,
            StringComparison.Ordinal);
        Write("config.json", """{"eos_token_id": 0}""");
        Assert.Equal(0, LoadFolder().EosId);
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"eos_token": "<y>"}""", "eos_token: found '<y>', expected a token of tokenizer.json; " +
        "the file is damaged")]
    [InlineData("tokenizer_config.json", """{"eos_token": 7}""", "eos_token: found 7, expected a text; the file is damaged")]
    [InlineData(
        "tokenizer_config.json", """{"tokenizer_class": "LlamaTokenizer", "bos_token": null}""",
        "add_bos_token: found true without a token, expected that token ('bos_token') or false; the file is damaged")]
    [InlineData(
        "tokenizer_config.json", """{"tokenizer_class": "GemmaTokenizerFast", "add_bos_token": 1}""",
        "add_bos_token: found 1, expected true or false; the file is damaged")]
    [InlineData("tokenizer_config.json", """{"bos_token": {}}""",
        "bos_token.content: found nothing, expected a text; the file is damaged")]
    [InlineData("config.json", """{"eos_token_id": "2"}""", "eos_token_id: found \"2\", expected a whole number from 0 to 16777215; " +
        "the file is damaged")]
    [InlineData("generation_config.json", """{"eos_token_id": [1, -1]}""", "eos_token_id[1]: found -1, expected a whole number from 0 to " +
        "16777215; the file")]
    [InlineData("generation_config.json", "[]", "found [], expected an object; the file is damaged")]
    [InlineData("generation_config.json", "", "found no valid JSON at byte ")]
    public void A_damaged_file_beside_it_is_an_input_error(string name, string content, string message)
    {
        Write(name, content);
        Assert.StartsWith($"{folder.File(name)}: {message}", Assert.Throws<InputException>(LoadFolder).Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private BpeTokenizer LoadFolder()
    {
        Write("tokenizer.json", root.ToJsonString());
        return BpeTokenizer.LoadFolder(Path.GetDirectoryName(folder.File("x"))!);
    }

    private void Write(string name, string content) => File.WriteAllText(folder.File(name), content);
}
