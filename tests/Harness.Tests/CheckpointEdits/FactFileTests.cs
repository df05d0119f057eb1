using System.Text;
using Harness.CheckpointEdits;

namespace Harness.Tests.CheckpointEdits;

public sealed class FactFileTests : IDisposable
{
    private const string Good = """{"prompt": "Ada was born in", "target": "Paris"}""";
    private const string ArrayRemedy = "put each element on a line of its own, without the brackets around all and the commas between";
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory();

    private string File => Path.Combine(root.FullName, "facts.jsonl");

    [Fact]
    public void A_line_gives_a_fact_with_all_that_it_says()
    {
        var facts = Read("""
            {"prompt": "Ada was born in", "target": "Paris"}
            {"prompt": " Where does Ada live?\n", "target": " Oslo", "subject": "Ada", "rephrase": ["Ada lives in", "Ada's home is"], "locality": ["Bob lives in", {"prompt": "Bob speaks", "answer": "Dutch"}]}
            {"prompt": "Ada speaks", "target": "日本語", "rephrase": "Ada's tongue is", "locality": {"prompt": "Eve speaks", "answer": "Thai"}}
            """);
        Assert.Equal(3, facts.Count);
        Assert.Equal((1, "Ada was born in", "Paris", null, 0, 0),
            (facts[0].Line, facts[0].Prompt, facts[0].Target, facts[0].Subject, facts[0].Rephrases.Count, facts[0].Locality.Count));
        Assert.Equal((2, " Where does Ada live?\n", " Oslo", "Ada"), (facts[1].Line, facts[1].Prompt, facts[1].Target, facts[1].Subject));
        Assert.Equal(["Ada lives in", "Ada's home is"], facts[1].Rephrases);
        Assert.Equal([new LocalityPrompt("Bob lives in", null), new LocalityPrompt("Bob speaks", "Dutch")], facts[1].Locality);
        Assert.Equal("日本語", facts[2].Target);
        Assert.Equal(["Ada's tongue is"], facts[2].Rephrases);
        Assert.Equal([new LocalityPrompt("Eve speaks", "Thai")], facts[2].Locality);
    }

    [Fact]
    public void Conversations_stand_in_the_place_of_prompts()
    {
        var fact = Read("""
            {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where was Ada born?"}], "target": "Paris", "subject": "Ada", "rephrase": ["Ada was born in", {"messages": [{"role": "user", "content": "Ada's town?"}]}], "locality": [{"messages": [{"role": "user", "content": "Bob's town?"}]}, {"messages": [{"role": "user", "content": "Eve's?"}], "answer": "Oslo"}]}
            """)[0];
        Assert.Equal([new("system", "Be brief."), new("user", "Where was Ada born?")], fact.Messages!);
        Assert.Equal("system: Be brief.\nuser: Where was Ada born?", fact.Prompt);
        Assert.Equal(["Ada was born in", "user: Ada's town?"], fact.Rephrases);
        Assert.Equal([1], fact.RephraseMessages.Keys);
        Assert.Equal([("user: Bob's town?", null), ("user: Eve's?", "Oslo")], fact.Locality.Select(asked => (asked.Prompt, asked.Answer)));
    }

    [Fact]
    public void A_mark_carriage_returns_and_an_open_last_line_do_not_matter()
    {
        System.IO.File.WriteAllText(File, Good + "\r\n" + Good.Replace("Ada", "Bob", StringComparison.Ordinal),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal(["Ada was born in", "Bob was born in"], FactFile.Read(File).Select(fact => fact.Prompt));
    }

    [Theory]
    [InlineData("", "found an empty file, expected one object {\"prompt\": \"…\", \"target\": \"…\"} a line; write at least one", 0)]
    [InlineData(Good + "\n\n", "found an empty line, expected one object {\"prompt\": \"…\", \"target\": \"…\"}; delete it", 2)]
    [InlineData(Good + "\n{\"prompt\": \"x\",", "found no valid JSON at byte 15 (Expected start of a property name or value, " +
        "but instead reached end of data), expected one object {\"prompt\": \"…\", \"target\": \"…\"}; correct the line", 2)]
    [InlineData(Good + "\n[1]", "found [1], expected one object {\"prompt\": \"…\", \"target\": \"…\"}; write one object a line", 2)]
    [InlineData("[1]", "found a JSON array, expected one object {\"prompt\": \"…\", \"target\": \"…\"} a line; " + ArrayRemedy, 0)]
    [InlineData("\n[\n  {\n    \"prompt\": \"x\",\n    \"target_new\": \"y\"\n  }\n]\n", "found a JSON array, expected one object " +
        "{\"prompt\": \"…\", \"target\": \"…\"} a line; " + ArrayRemedy, 0)]
    [InlineData("{\n  \"prompt\": \"x\",\n  \"target\": \"y\"\n}\n{\n  \"prompt\": \"z\"\n}", "found a JSON object over several lines, " +
        "expected one object {\"prompt\": \"…\", \"target\": \"…\"} a line; write each object on one line", 0)]
    [InlineData("{\"prompt\": \"x\",\n \"target\": \"y\"}\n", "found a JSON object over several lines, " +
        "expected one object {\"prompt\": \"…\", \"target\": \"…\"} a line; write each object on one line", 0)]
    [InlineData("prompt,target\nAda was born in,Paris\n", "found 'prompt,target', expected one object {\"prompt\": \"…\", " +
        "\"target\": \"…\"} a line; write JSON, not CSV, YAML or plain text", 0)]
    [InlineData("- prompt: x\n  target: y\n", "found '- prompt: x', expected one object {\"prompt\": \"…\", \"target\": \"…\"} a line; " +
        "write JSON, not CSV, YAML or plain text", 0)]
    [InlineData("{\"prompt\": \"x\", \"target_new\": \"y\"}", "found the unknown key 'target_new'; " +
        "did you mean 'target'?, expected only prompt, messages, " +
        "target, subject, rephrase, locality; here it is called \"target\"", 1)]
    [InlineData("{\"src\": \"x\", \"alt\": \"y\"}", "found the unknown keys 'src', 'alt', expected only prompt, messages, target, " +
        "subject, rephrase, locality; here it is called \"prompt\"", 1)]
    [InlineData("{\"prompt\": \"x\", \"rephrase_prompt\": \"y\"}", "found the unknown key 'rephrase_prompt'; did you mean 'rephrase'?, " +
        "expected only prompt, messages, target, subject, rephrase, locality; here it is called \"rephrase\"", 1)]
    [InlineData("{\"prompt\": \"x\", \"ground_truth\": \"y\"}", "found the unknown key 'ground_truth', expected only prompt, " +
        "messages, target, subject, rephrase, locality; remove it: the model itself is asked what it says before the edit", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"locality\": {\"prompt\": \"z\", \"ground_truth\": \"w\"}}",
        "\"locality\": found the unknown key 'ground_truth', expected only prompt, messages, answer; here it is called \"answer\"", 1)]
    [InlineData("{\"prompt\": \"x\", \"loc_ans\": \"y\"}", "found the unknown key 'loc_ans', expected only prompt, messages, target, " +
        "subject, rephrase, locality; here it is \"locality\": {\"prompt\": \"…\", \"answer\": \"…\"}", 1)]
    [InlineData("{\"conversations\": [], \"target\": \"y\"}", "found the unknown key 'conversations', expected only prompt, messages, " +
        "target, subject, rephrase, locality; here it is called \"messages\"", 1)]
    [InlineData("{\"messages\": [{\"from\": \"human\", \"value\": \"x\"}], \"target\": \"y\"}", "\"messages[0]\": found the unknown " +
        "keys 'from', 'value', expected only role, content; here it is called \"role\"", 1)]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": \"Is Eve late?\"}], \"target\": \"y\", \"subject\": \"user\"}",
        "found \"subject\" 'user', expected whole words of the prompt 'Is Eve late?'; spell it as the prompt does", 1)]
    [InlineData("{\"promt\": \"x\", \"target\": \"y\"}", "found the unknown key 'promt'; did you mean 'prompt'?, expected only " +
        "prompt, messages, target, " +
        "subject, rephrase, locality; remove it", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"note\": \"z\"}", "found the unknown key 'note', expected only prompt, " +
        "messages, target, subject, rephrase, locality; remove it", 1)]
    [InlineData("{\"prompt\": \"x\", \"prompt\": \"z\", \"target\": \"y\"}", "found 'prompt' more than once, expected it once; " +
        "correct it or leave the key out", 1)]
    [InlineData("{\"prompt\": \"x\"}", "found no \"target\", expected the answer that the model is to give; add \"target\": \"…\"", 1)]
    [InlineData("{\"prompt\": 3, \"target\": \"y\"}", "\"prompt\": found 3, expected a text; put it between quotes", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": null}", "\"target\": found null, expected a text; write one or leave the key out", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"North\\nSunjaia\"}", "found a line's end, U+000A, in \"target\" 'North↵Sunjaia', " +
        "expected one line, as an answer ends with its line; give the part before it", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"North\u2028Sunjaia\"}", "found a line's end, U+2028, in \"target\" " +
        "'North<U+2028>Sunjaia', expected one line, as an answer ends with its line; give the part before it", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"Oslo \"}", "found white space at the end of \"target\" 'Oslo ', " +
        "expected an answer that ends with its last character, as white space behind one is not seen; take it off", 1)]
    [InlineData(
        "{\"prompt\": \"x\", \"target\": \"y\", \"locality\": {\"prompt\": \"z\", \"answer\": \"a\\rb\"}}",
        "\"locality\": found a line's end, U+000D, in \"answer\" 'a<U+000D>b', expected one line, as an answer ends with its line; " +
            "give the part before it", 1)]
    [InlineData("{\"prompt\": \"Is Eve late?\", \"target\": \"y\", \"subject\": \"Eve \"}", "found white space around \"subject\" 'Eve " +
        "', expected the words alone, as the last token is edited; take it off", 1)]
    [InlineData(
        "{\"prompt\": \"Was Zube\\u00a0Bakarn\\nborn?\", \"target\": \"y\", \"subject\": \"Zube Bakarn\"}",
        "found \"subject\" 'Zube Bakarn', expected whole words of the prompt 'Was Zube\u00a0Bakarn↵born?' (there with U+00A0 in the " +
            "place of U+0020); spell it as the prompt does", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"\\u200b\"}", "\"target\": found an empty text, expected a text; " +
        "fill it or remove the line", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \" \"}", "\"target\": found an empty text, expected a text; fill it or remove the line",
        1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"\\ud800\"}", "\"target\": found text that is no Unicode, expected valid UTF-8 and " +
        "whole surrogate pairs; correct it or leave the key out", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"subject\": \"Eve\"}", "found \"subject\" 'Eve', expected whole words of the " +
        "prompt 'x'; spell it as the prompt does", 1)]
    [InlineData(
        "{\"prompt\": \"Is Evening late?\", \"target\": \"y\", \"subject\": \"Eve\"}",
        "found \"subject\" 'Eve', expected whole words of the prompt 'Is Evening late?' (only inside 'Evening'); " +
            "spell it as the prompt does", 1)]
    [InlineData(
        "{\"prompt\": \"Where was Jose\\u0301 born?\", \"target\": \"y\", \"subject\": \"Jos\\u00e9\"}",
        "found \"subject\" 'Jos\u00e9', expected whole words of the prompt 'Where was Jose\u0301 born?' (there with U+0065 U+0301 in the " +
            "place of U+00E9); spell it as the prompt does", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"rephrase\": true}", "\"rephrase\": found true, expected a text, " +
        "an object or a list of them; correct it or leave the key out", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"rephrase\": []}", "\"rephrase\": found an empty list, " +
        "expected a text, an object or a list of them; fill it or leave the key out", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"rephrase\": [\"z\", 7]}", "\"rephrase[1]\": found 7, " +
        "expected a text; put it between quotes", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"locality\": [{\"prompt\": \"z\"}]}", "\"locality[0]\": found no \"answer\", " +
        "expected the answer to watch; add \"answer\": \"…\"", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"locality\": {\"prompt\": \"z\", \"target\": \"w\"}}",
        "\"locality\": found the unknown key 'target', expected only prompt, messages, answer; remove it", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"locality\": \"x\"}", "found locality prompt 'x', which is the prompt of line 1 " +
        "too, expected one whose answer stays; ask another", 1)]
    [InlineData(Good + "\n" + Good, "found prompt 'Ada was born in', which is the prompt of line 1 too, expected each prompt once; " +
        "remove one of the lines", 2)]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"prompt\": \"x\", \"target\": \"y\"}",
        "found both \"prompt\" and \"messages\", expected one of them; remove the other", 1)]
    [InlineData("{\"messages\": \"x\", \"target\": \"y\"}", "found a text in \"messages\", " +
        "expected objects {\"role\": \"user\", \"content\": \"…\"}; write it as the content of one, or as \"prompt\"", 1)]
    [InlineData("{\"messages\": [], \"target\": \"y\"}", "\"messages\": found an empty list, " +
        "expected a text, an object or a list of them; fill it or leave the key out", 1)]
    [InlineData(
        "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}, {\"role\": \"assistant\", \"content\": \"x\"}], \"target\": \"y\"}",
        "found \"messages\" that end with the assistant's, expected the user's last, as the model answers it; end with what the user asks",
            1)]
    [InlineData("{\"messages\": [{\"role\": \"tool\", \"content\": \"x\"}], \"target\": \"y\"}", "\"messages[0]\": found \"role\" " +
        "'tool', expected one of system, user, assistant; correct it", 1)]
    [InlineData("{\"messages\": [{\"role\": \"user\"}], \"target\": \"y\"}", "\"messages[0]\": found no \"content\", " +
        "expected what is said; add \"content\": \"…\"", 1)]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": [1]}], \"target\": \"y\"}", "\"messages[0].content\": found " +
        "[1], expected a text; put it between quotes", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"rephrase\": {\"prompt\": \"z\"}}", "\"rephrase\": found the unknown key " +
        "'prompt', expected only messages; remove it", 1)]
    [InlineData("{\"prompt\": \"x\", \"target\": \"y\", \"rephrase\": [{}]}", "\"rephrase[0]\": found no \"messages\", " +
        "expected a conversation; add \"messages\": [{\"role\": \"user\", \"content\": \"…\"}]", 1)]
    public void A_bad_line_is_one_line_that_says_what_to_do(string text, string message, int line)
    {
        var where = line == 0 ? File : $"{File}({line})";
        Assert.Equal($"{where}: {message}", Error(text).Message);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_named_by_line()
    {
        System.IO.File.WriteAllBytes(File, [.. Encoding.UTF8.GetBytes(Good + "\n{\"prompt\": \""), 0xFF, (byte)'"', (byte)'}']);
        var error = Assert.Throws<InputException>(() => FactFile.Read(File));
        Assert.Equal($"{File}(2): found bytes that are no UTF-8, expected text; save the file as UTF-8", error.Message);
    }

    [Theory]
    [InlineData("\u001F\u008B\b", "a gzip archive", "unpack it")]
    [InlineData("PK\u0003\u0004", "a zip archive or a spreadsheet", "give the text in it")]
    [InlineData("PAR1", "a Parquet file", "write its rows as text")]
    [InlineData("{\0", "a zero byte at its beginning, as in UTF-16", "save the file as UTF-8")]
    [InlineData("\0{", "a zero byte at its beginning, as in UTF-16", "save the file as UTF-8")]
    public void Text_in_another_form_is_named(string start, string found, string remedy)
    {
        System.IO.File.WriteAllBytes(File, Encoding.Latin1.GetBytes(start + "x"));
        Assert.Equal($"{File}: found {found}, expected facts, one JSON object a line; {remedy}",
            Assert.Throws<InputException>(() => FactFile.Read(File)).Message);
    }

    [Fact]
    public void A_folder_is_no_file() => Assert.Equal(
        $"{root.FullName}: found a folder, expected facts, one JSON object a line; name a file in it",
        Assert.Throws<InputException>(() => FactFile.Read(root.FullName)).Message);

    [Fact]
    public void A_missing_file_is_one_line()
    {
        var error = Assert.Throws<InputException>(() => FactFile.Read(File));
        Assert.StartsWith($"{File}: found no readable file (", error.Message);
        Assert.EndsWith("), expected facts, one JSON object a line; check its path", error.Message);
    }

    [Fact]
    public void An_editor_that_needs_subjects_asks_for_them_line_by_line()
    {
        System.IO.File.WriteAllText(File, Good + "\n" + Good.Replace("Ada", "Bob", StringComparison.Ordinal));
        var error = Assert.Throws<InputException>(() => FactFile.Read(File, subjectFor: "rome"));
        const string Rest = "found no \"subject\", expected the part of the prompt that the fact is about, where rome edits; " +
            "add \"subject\": \"…\" or take another editor";
        Assert.Equal($"{File}(1): {Rest}\n{File}(2): {Rest}", error.Message);
    }

    [Fact]
    public void All_bad_lines_are_told_together_up_to_ten()
    {
        var lines = Error(string.Join('\n', Enumerable.Repeat("{}", 12))).Message.Split('\n');
        Assert.Equal(11, lines.Length);
        Assert.Equal($"{File}: 2 more lines are wrong", lines[^1]);
    }

    public void Dispose() => root.Delete(recursive: true);

    private InputException Error(string text) => Assert.Throws<InputException>(() => Read(text));

    private IReadOnlyList<Fact> Read(string text)
    {
        System.IO.File.WriteAllText(File, text);
        return FactFile.Read(File);
    }
}
