using System.Text.Json.Nodes;
using Harness.CheckpointEdits;
using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Tests.CheckpointEdits;

public sealed class ChatPromptsTests : IDisposable
{
    private const string Template = "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content | trim }}\n{% endfor %}{% if " +
        "add_generation_prompt %}[assistant]\n{% endif %}";

    private const string Lines = """
        {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Ada Byron was born in"}], "target": "Paris", "subject": "Ada Byron", "rephrase": ["Ada Byron speaks", {"messages": [{"role": "user", "content": "The birthplace of Ada Byron is"}]}]}
        {"prompt": "The mother tongue of Alan Turing is", "target": "Dutch", "subject": "Alan Turing", "locality": [{"messages": [{"role": "user", "content": "Grace Hopper speaks"}], "answer": "English"}, {"messages": [{"role": "user", "content": "Who speaks"}]}]}
        """;

    private const string Asked = """{"messages": [{"role": "user", "content": "Ada Byron was born in"}], "target": "Paris"}""";

    private readonly TinyCheckpoint checkpoint = new();
    private readonly List<string> told = [];

    public ChatPromptsTests()
    {
        File.WriteAllText(Path.Combine(checkpoint.Model, "tokenizer_config.json"), """{"bos_token": "<s>", "eos_token": "</s>"}""");
        File.WriteAllText(TemplateFile, Template);
    }

    private string TemplateFile => Path.Combine(checkpoint.Model, "chat_template.jinja");

    [Fact]
    public void Conversations_become_prompts_everywhere()
    {
        var chat = Render(Lines);
        Assert.Equal("[system] Be brief.\n[user] Ada Byron was born in\n[assistant]\n", chat.Facts[0].Prompt);
        Assert.Equal(["Ada Byron speaks", "[user] The birthplace of Ada Byron is\n[assistant]\n"], chat.Facts[0].Rephrases);
        Assert.Equal("The mother tongue of Alan Turing is", chat.Facts[1].Prompt);
        Assert.Equal(["[user] Grace Hopper speaks\n[assistant]\n", "[user] Who speaks\n[assistant]\n"],
            chat.Facts[1].Locality.Select(asked => asked.Prompt));
        Assert.Equal(["English", null], chat.Facts[1].Locality.Select(asked => asked.Answer));
        Assert.Equal(new ChatUse("chat_template.jinja"), chat.Use);
        Assert.Empty(told);
    }

    [Fact]
    public void Ids_are_those_of_the_rendered_text_and_nothing_more()
    {
        var chat = Render(Asked);
        var tokenizer = BpeTokenizer.LoadFolder(checkpoint.Model);
        var sequence = TargetEncoding.Encode(chat.Tokenizer, chat.Facts[0].Prompt, "Paris", appendEos: true);
        Assert.Equal(
            [0, .. tokenizer.EncodeToIds("[user] Ada Byron was born in\n[assistant]\n"), .. tokenizer.EncodeToIds("Paris"), 1],
                sequence.Ids);
        Assert.Equal(tokenizer.EncodeToIds("<s>[user] Ada Byron was born in\n[assistant]\n"), sequence.Ids[..sequence.TargetStart]);
    }

    [Fact]
    public void A_template_without_the_tokenizer_s_beginning_gets_none()
    {
        File.WriteAllText(TemplateFile, Template.Replace("{{ bos_token }}", "", StringComparison.Ordinal));
        var chat = Render(Asked);
        Assert.Empty(chat.Tokenizer.Prefix);
        var sequence = TargetEncoding.Encode(chat.Tokenizer, chat.Facts[0].Prompt, "Paris", appendEos: false);
        Assert.Equal(BpeTokenizer.LoadFolder(checkpoint.Model).EncodeToIds("[user] Ada Byron was born in\n[assistant]\n"),
            sequence.Ids[..sequence.TargetStart]);
        Assert.Equal(
            $"{checkpoint.FactsFile}(1): found a prompt beside facts with \"messages\", " +
                "expected messages alone, as chat_template.jinja does not begin conversations "
                + "with what the tokenizer puts before prompts; write all prompts as messages, or none",
            Assert.Throws<InputException>(() => Render(Lines)).Message);
    }

    // SentencePiece's space before a text is there behind no special token: <s> cannot be taken off and put back.
    [Fact]
    public void A_beginning_that_changes_what_follows_stays_in_the_text()
    {
        var file = Path.Combine(checkpoint.Model, "tokenizer.json");
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        json["pre_tokenizer"] = JsonNode.Parse("""{"type": "Metaspace", "replacement": "Ġ", "prepend_scheme": "first", "split": false}""");
        File.WriteAllText(file, json.ToJsonString());
        File.WriteAllText(TemplateFile, "{{ bos_token }}{{ messages[-1].content }}:");
        var tokenizer = BpeTokenizer.LoadFolder(checkpoint.Model);
        Assert.NotEqual(tokenizer.EncodeToIds("<s>Ada Byron was born in:"), [0, .. tokenizer.EncodeToIds("Ada Byron was born in:")]);

        var chat = Render(Asked);
        var sequence = TargetEncoding.Encode(chat.Tokenizer, chat.Facts[0].Prompt, "Paris", appendEos: false);
        Assert.Equal(tokenizer.EncodeToIds("<s>Ada Byron was born in:"), sequence.Ids[..sequence.TargetStart]);
    }

    [Fact]
    public void A_folder_without_a_template_refuses_conversations_before_anything_is_computed()
    {
        File.Delete(TemplateFile);
        File.WriteAllText(checkpoint.FactsFile, Lines);
        Assert.Equal(
            $"{checkpoint.FactsFile}(1): found \"messages\", expected \"prompt\", as {checkpoint.Model} has no chat template; " +
                "write the prompt as the model reads it",
            Assert.Throws<InputException>(() => checkpoint.Run(checkpoint.Request("full-ft"))).Message);
        Assert.Null(Render("""{"prompt": "Ada Byron was born in", "target": "Paris"}""").Use);
    }

    [Fact]
    public void What_a_template_refuses_names_the_fact()
    {
        File.WriteAllText(TemplateFile, "{{ raise_exception('no') if messages[0].role == 'system' }}");
        Assert.Equal(
            $"{checkpoint.FactsFile}(1): {TemplateFile}(1): found messages that the template refuses ('no'), " +
                "expected such as it takes; change them",
            Assert.Throws<InputException>(() => Render(Lines)).Message);
    }

    [Fact]
    public void A_subject_must_be_in_what_the_model_reads()
    {
        File.WriteAllText(TemplateFile, "{{ messages[-1].content | upper }}");
        Assert.Equal(
            $"{checkpoint.FactsFile}(1): found \"subject\" 'Ada Byron', " +
                "expected whole words of what the chat template makes of the messages; take words that it leaves as they are",
            Assert.Throws<InputException>(
                () => Render(Lines.Split('\n')[0].Replace("\"Ada Byron speaks\", ", "", StringComparison.Ordinal))).Message);
    }

    [Fact]
    public void Conversations_that_become_the_same_text_contradict_each_other()
    {
        File.WriteAllText(TemplateFile, "{{ bos_token }}{{ messages[-1].content }}");
        var error = Assert.Throws<InputException>(
            () => Render(Asked + "\n" + Asked.Replace("[{", """[{"role": "system", "content": "Be."}, {""", StringComparison.Ordinal)));
        Assert.StartsWith($"{checkpoint.FactsFile}(2): found prompt ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(", which is the prompt of line 1 too, expected each prompt once; remove one of the lines", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_special_token_that_a_user_writes_is_one_and_is_told()
    {
        var chat = Render(Asked.Replace("Ada", "</s>Ada", StringComparison.Ordinal));
        Assert.Equal([$"warning: {checkpoint.FactsFile}(1): the user's message holds '</s>', a special token, " +
            "and the model reads it as one (as in transformers)"], told);
        Assert.Contains(1, TargetEncoding.Encode(chat.Tokenizer, chat.Facts[0].Prompt, "Paris", appendEos: false).Ids);
    }

    [Fact]
    public void A_message_that_a_template_leaves_out_is_told()
    {
        File.WriteAllText(TemplateFile, "{{ bos_token }}{{ messages[-1].content | upper }}:");
        Render("""{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Ada was born in"}], "target": "Paris"}""");
        Assert.Equal(
            [$"warning: {checkpoint.FactsFile}(1): chat_template.jinja leaves out the system's message, " +
                "or writes it otherwise (as in transformers)"], told);
    }

    [Fact]
    public void A_template_that_asks_for_the_day_is_told_one_that_stays()
    {
        File.WriteAllText(TemplateFile, "{{ bos_token }}{{ strftime_now('%d %b %Y') }} {{ messages[-1].content }}");
        var chat = Render(Asked);
        Assert.Equal("26 Jul 2024 Ada Byron was born in", chat.Facts[0].Prompt);
        Assert.Equal(new ChatUse("chat_template.jinja", "2024-07-26"), chat.Use);
        Assert.Equal(["chat_template.jinja asks for today's date, and is told 2024-07-26, so that every run is the same"], told);
    }

    [Fact]
    public void An_edit_of_conversations_is_measured_as_they_are_read()
    {
        File.WriteAllText(checkpoint.FactsFile, Lines);
        var request = checkpoint.Request(
            "full-ft", "full-ft.tuning.learning-rate=3e-3", "full-ft.tuning.epochs=40") with
        { Examples = null };
        var report = checkpoint.Run(request).Report;
        Assert.Equal(1, report.After.Reliability.TfAll);
        Assert.Equal((1, 2, 2), (report.After.Generality!.Prompts - 1, report.Facts.Count, report.After.Locality!.Prompts));
        Assert.Equal(new ChatUse("chat_template.jinja"), report.Chat);
        Assert.Equal("[system] Be brief.\n[user] Ada Byron was born in\n[assistant]\n", report.Facts[0].Prompt);
        Assert.Equal(["Ada Byron was born in", null], report.Facts.Select(fact => fact.Question));
        Assert.StartsWith("Ada Byron was born in  ", FactEditText.Lines(report).ElementAt(1), StringComparison.Ordinal);
        var stored = CanonicalJson.FromText<FactEditReport>(File.ReadAllText(Path.Combine(checkpoint.Out, FactOutput.ReportFile)));
        Assert.Equal(report.Chat, stored.Chat);
        Assert.Equal(report.Facts, stored.Facts);

        using var edited = Transformer.Load(checkpoint.Out);
        var chat = Render(Lines);
        var exam = new FactExam(edited, chat.Tokenizer, chat.Facts, checkpoint.FactsFile, answerTokens: null);
        Assert.Equal(report.Facts.Select(fact => fact.After), exam.After(null, CancellationToken.None).Answers);
    }

    [Fact]
    public void Methods_that_locate_find_subjects_in_conversations()
    {
        File.WriteAllText(checkpoint.FactsFile, Lines);
        Assert.NotEmpty(checkpoint.Run(checkpoint.Request("rome", "rome.covariance-ridge=1e-3", "rome.value.steps=2")).Report.Changed);
    }

    public void Dispose() => checkpoint.Dispose();

    private ChatPrompts Render(string lines)
    {
        File.WriteAllText(checkpoint.FactsFile, lines);
        return ChatPrompts.Render(checkpoint.Model, checkpoint.Request("full-ft"), FactFile.Read(checkpoint.FactsFile), [], new Said(told));
    }

    private sealed class Said(List<string> told) : IProgress<string>
    {
        public void Report(string value) => told.Add(value);
    }
}
