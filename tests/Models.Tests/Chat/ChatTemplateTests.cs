using System.Text.Json.Nodes;
using Harness.Models.Chat;

namespace Harness.Tests.Chat;

public sealed class ChatTemplateTests : IDisposable
{
    internal static readonly ChatMessage[] Question = [new("user", "Where was Ada born? ")];

    internal static readonly ChatMessage[] Talk =
    [
        new("system", "Be brief."), new("user", "Hi"), new("assistant", "<think>\nhm\n</think>\n\nYo "), new("user", "Where was Ada born?"),
    ];

    private const string Plain = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}";
    private readonly ScratchFolder folder = new();

    public static TheoryData<string> Names => [.. ChatSamples.All.Select(sample => sample.Name)];

    private string Root => Path.GetDirectoryName(folder.File("x"))!;

    [Theory]
    [MemberData(nameof(Names))]
    public void Conversations_become_what_jinja2_makes_of_them(string name)
    {
        var (_, tokens, text, asked, talked) = ChatSamples.All.Single(sample => sample.Name == name);
        Write("chat_template.jinja", text);
        Write("tokenizer_config.json", tokens);
        var template = ChatTemplate.Load(Root)!;
        Assert.Equal(asked, template.Render(Question));
        if (talked is not null) Assert.Equal(talked, template.Render(Talk));
        else Assert.Contains("found messages that the template refuses ('",
            Assert.Throws<InputException>(() => template.Render(Talk)).Message, StringComparison.Ordinal);
        Assert.Equal(name == "Llama32", template.AskedForDate);
    }

    [Fact]
    public void What_begins_the_answer_can_be_left_out()
    {
        Write("chat_template.jinja", Plain + "{% if add_generation_prompt %}assistant:{% endif %}");
        var template = ChatTemplate.Load(Root)!;
        Assert.Equal("user: Where was Ada born? \nassistant:", template.Render(Question));
        Assert.Equal("user: Where was Ada born? \n", template.Render(Question, addGenerationPrompt: false));
    }

    [Fact]
    public void Messages_that_a_template_refuses_are_told_with_its_words_file_and_line()
    {
        Write("chat_template.jinja",
            "{% if messages[0].role == 'system' %}\n{{ raise_exception('System role\nnot supported') }}{% endif %}");
        var error = Assert.Throws<InputException>(() => ChatTemplate.Load(Root)!.Render(Talk));
        Assert.Equal(
            $"{folder.File("chat_template.jinja")}(2): found messages that the template refuses ('System role not supported'), " +
                "expected such as it takes; change them",
            error.Message);
    }

    [Fact]
    public void What_is_not_known_is_told_with_file_and_line()
    {
        WriteConfig(new JsonObject { ["chat_template"] = "a\n{% include 'b' %}" });
        var error = Assert.Throws<InputException>(() => ChatTemplate.Load(Root));
        Assert.Equal(
            $"{folder.File("tokenizer_config.json")}: chat_template(2): found the statement 'include', " +
                "expected only if, for, set, macro, break, continue, generation; take another template",
            error.Message);
    }

    [Fact]
    public void The_day_is_always_the_same()
    {
        Write("chat_template.jinja",
            "{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%A, %B %y') }}|{{ strftime_now('%Y-%m-%d %H:%M:%S') }}");
        var template = ChatTemplate.Load(Root)!;
        Assert.False(template.AskedForDate);
        Assert.Equal("26 Jul 2024|Friday, July 24|2024-07-26 00:00:00", template.Render(Question));
        Assert.True(template.AskedForDate);
        Write("chat_template.jinja", "{{ strftime_now('%j') }}");
        Assert.EndsWith(
            "(1): found '%j' in strftime_now(), expected only %d, %m, %y, %Y, %b, %B, %a, %A, %H, %M, %S; take another template",
            Assert.Throws<InputException>(() => ChatTemplate.Load(Root)!.Render(Question)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_template_has_none()
    {
        Assert.Null(ChatTemplate.Load(Root));
        WriteConfig(new JsonObject { ["chat_template"] = null });
        Assert.Null(ChatTemplate.Load(Root));
    }

    [Fact]
    public void A_file_of_its_own_comes_before_the_tokenizer_s_configuration()
    {
        WriteConfig(new JsonObject { ["chat_template"] = "b" });
        var template = ChatTemplate.Load(Root)!;
        Assert.Equal(("b", "tokenizer_config.json", null), (template.Render(Question), template.File, template.Note));
        Write("chat_template.jinja", "a\n");
        template = ChatTemplate.Load(Root)!;
        Assert.Equal(
            ("a", "chat_template.jinja",
                "chat_template.jinja is the chat template, as transformers has it; another one in tokenizer_config.json is not used"),
            (template.Render(Question), template.File, template.Note));
        WriteConfig(new JsonObject { ["chat_template"] = "a" });
        Assert.Null(ChatTemplate.Load(Root)!.Note);
        Directory.CreateDirectory(folder.File("additional_chat_templates"));
        Write(Path.Combine("additional_chat_templates", "tool_use.jinja"), "c");
        Assert.Equal("a", ChatTemplate.Load(Root)!.Render(Question));
    }

    [Fact]
    public void A_processor_s_file_must_not_differ()
    {
        Write("chat_template.json", """{"chat_template": "c"}""");
        Assert.Equal("c", ChatTemplate.Load(Root)!.Render(Question));
        Write("chat_template.jinja", "c\n");
        Assert.Equal("chat_template.jinja", ChatTemplate.Load(Root)!.File);
        Write("chat_template.jinja", "a");
        Assert.Equal(
            $"{folder.File("chat_template.json")}: chat_template: found another chat template than in chat_template.jinja, " +
                "expected the same, as some tools take the one and some the other; remove the file that is not meant",
            Assert.Throws<InputException>(() => ChatTemplate.Load(Root)).Message);
    }

    [Fact]
    public void Of_several_the_default_is_taken()
    {
        WriteConfig(new JsonObject { ["chat_template"] = Named(("tool_use", "b"), ("default", "a")) });
        Assert.Equal("a", ChatTemplate.Load(Root)!.Render(Question));
        WriteConfig(new JsonObject { ["chat_template"] = Named(("tool_use", "b"), ("rag", "a")) });
        Assert.Equal(
            $"{folder.File("tokenizer_config.json")}: chat_template: found templates named tool_use, rag, " +
                "expected one named default, which transformers takes where none is asked for; name one of them so",
            Assert.Throws<InputException>(() => ChatTemplate.Load(Root)).Message);
        WriteConfig(new JsonObject { ["chat_template"] = Named(("default", "b"), ("default", "a")) });
        Assert.Contains("found the name 'default' twice, expected it once",
            Assert.Throws<InputException>(() => ChatTemplate.Load(Root)).Message, StringComparison.Ordinal);
        WriteConfig(new JsonObject { ["chat_template"] = 3 });
        Assert.Contains("chat_template: found 3, expected a text", Assert.Throws<InputException>(() => ChatTemplate.Load(Root)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}, "pad_token": null}""", "<s>|</s>||")]
    [InlineData("""{"tokenizer_class": "LlamaTokenizerFast"}""", "<s>|</s>|<unk>|")]
    [InlineData("""{"tokenizer_class": "LlamaTokenizer", "bos_token": null, "unk_token": "<u>"}""", "|</s>|<u>|")]
    [InlineData("""{"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>"}""", "|<|im_end|>|<|endoftext|>|")]
    [InlineData("""{"extra_special_tokens": {"image_token": "<image>"}, "additional_special_tokens": []}""", "|||<image>")]
    [InlineData("""{"additional_special_tokens": ["<a>", {"content": "<b>"}]}""", "|||<a><b>")]
    public void Special_tokens_are_known_by_name(string config, string expected)
    {
        Write("chat_template.jinja", "{{ bos_token }}|{{ eos_token }}|{{ unk_token }}|{{ image_token }}{{ additional_special_tokens | " +
            "join if additional_special_tokens is defined }}");
        Write("tokenizer_config.json", config);
        Assert.Equal(expected, ChatTemplate.Load(Root)!.Render(Question));
    }

    [Fact]
    public void The_older_map_of_special_tokens_counts_where_the_newer_file_describes_none()
    {
        Write("chat_template.jinja", "{{ bos_token }}");
        Write("special_tokens_map.json", """{"bos_token": {"content": "<old>"}}""");
        Write("tokenizer_config.json", """{"bos_token": "<new>"}""");
        Assert.Equal("<old>", ChatTemplate.Load(Root)!.Render(Question));
        Write("tokenizer_config.json", """{"bos_token": "<new>", "added_tokens_decoder": {}}""");
        Assert.Equal("<new>", ChatTemplate.Load(Root)!.Render(Question));
    }

    public void Dispose() => folder.Dispose();

    private static JsonArray Named(params (string Name, string Template)[] all) =>
        [.. all.Select(one => new JsonObject { ["name"] = one.Name, ["template"] = one.Template })];

    private void WriteConfig(JsonObject config) => Write("tokenizer_config.json", config.ToJsonString());

    private void Write(string name, string text) => File.WriteAllText(folder.File(name), text);
}
