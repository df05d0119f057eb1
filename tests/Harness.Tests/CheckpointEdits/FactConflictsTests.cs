using Harness.CheckpointEdits;

namespace Harness.Tests.CheckpointEdits;

public sealed class FactConflictsTests
{
    private const string Reword = "expected a wording of one fact alone; reword one of them or leave it out";

    [Theory]
    [InlineData( // a rephrasing is another fact's prompt
        """{"prompt": "a", "target": "x", "rephrase": ["b?"]}""", """{"prompt": "b?", "target": "y"}""",
        "(1): found rephrasing 'b?', which is the prompt of line 2 too, answered 'x' here and 'y' there, " + Reword)]
    [InlineData( // also with the same answer
        """{"prompt": "a", "target": "x"}""", """{"prompt": "b", "target": "x", "rephrase": "A "}""",
        "(2): found rephrasing 'A ', which is the prompt of line 1 too, there 'a', " + Reword)]
    [InlineData(
        """{"prompt": "a", "target": "x", "rephrase": "c"}""", """{"prompt": "b", "target": "y", "rephrase": ["d", "c"]}""",
        "(2): found rephrasing 'c', which is a rephrasing of line 1 too, answered 'y' here and 'x' there, " + Reword)]
    [InlineData( // its own prompt
        """{"prompt": "a", "target": "x", "rephrase": ["a"]}""", """{"prompt": "b", "target": "y"}""",
        "(1): found rephrasing 'a', which is the prompt of line 1 too, expected another wording, as the same one measures nothing; " +
            "reword it or leave it out")]
    [InlineData(
        """{"prompt": "a", "target": "x", "rephrase": ["c", "C"]}""", """{"prompt": "b", "target": "y"}""",
        "(1): found rephrasing 'C', which is a rephrasing of line 1 too, there 'c', " +
            "expected another wording, as the same one measures nothing; reword it or leave it out")]
    [InlineData( // what is edited cannot stay
        """{"prompt": "a", "target": "x", "locality": ["b"]}""", """{"prompt": "b", "target": "y"}""",
        "(1): found locality prompt 'b', which is the prompt of line 2 too, expected one whose answer stays; ask another")]
    [InlineData(
        """{"prompt": "a", "target": "x", "rephrase": "c"}""",
            """{"prompt": "b", "target": "y", "locality": {"prompt": "c", "answer": "z"}}""",
        "(2): found locality prompt 'c', which is a rephrasing of line 1 too, expected one whose answer stays; ask another")]
    [InlineData(
        """{"prompt": "a", "target": "x", "locality": ["c", "c"]}""", """{"prompt": "b", "target": "y"}""",
        "(1): found locality prompt 'c', which is a locality prompt of line 1 too, expected each once in a line; leave one out")]
    [InlineData( // two facts may watch the same answer, but no two answers
        """{"prompt": "a", "target": "x", "locality": {"prompt": "c", "answer": "p"}}""",
            """{"prompt": "b", "target": "y", "locality": {"prompt": "c", "answer": "q"}}""",
        "(2): found locality prompt 'c', which is a locality prompt of line 1 too, answered 'q' here and 'p' there, " +
            "expected one answer to a prompt; correct one of them")]
    [InlineData(
        "{\"prompt\": \"a\", \"target\": \"x\", \"locality\": {\"prompt\": \"c\", \"answer\": \"Jos\\u00e9\"}}",
        "{\"prompt\": \"b\", \"target\": \"y\", \"locality\": {\"prompt\": \"c\", \"answer\": \"Jose\\u0301\"}}",
        "(2): found locality prompt 'c', which is a locality prompt of line 1 too, " +
            "answered 'Jose\u0301' here and 'Jos\u00e9' there (with U+00E9 in the place of "
        + "U+0065 U+0301), expected one answer to a prompt; correct one of them")]
    [InlineData( // with the same characters for the eye alone
        "{\"prompt\": \"Jos\\u00e9 lives\", \"target\": \"x\"}", "{\"prompt\": \"Jose\\u0301 lives\", \"target\": \"y\"}",
        "(2): found prompt 'Jose\u0301 lives', which is the prompt of line 1 too, " +
            "there 'Jos\u00e9 lives' (with U+00E9 in the place of U+0065 U+0301), "
        + "answered 'y' here and 'x' there, expected each prompt once; remove one of the lines")]
    [InlineData(
        """{"prompt": "Ada lives in", "target": "x"}""", "{\"prompt\": \"Ada lives\\u200b\\nin\", \"target\": \"x\"}",
        "(2): found prompt 'Ada lives<U+200B>↵in', which is the prompt of line 1 too, " +
            "there 'Ada lives in' (with U+0020 in the place of U+200B U+000A), expected each prompt once; remove one of the lines")]
    public void What_contradicts_or_repeats_is_named_with_both_lines(string first, string second, string message)
    {
        using var file = new FactsFile(first, second);
        Assert.Equal(file.Path + message, Assert.Throws<InputException>(() => FactFile.Read(file.Path)).Message);
    }

    [Fact]
    public void Facts_may_watch_the_same_prompt()
    {
        using var file = new FactsFile(
            """{"prompt": "a", "target": "x", "locality": ["c", {"prompt": "d", "answer": "q"}]}""",
            """{"prompt": "b", "target": "y", "locality": [{"prompt": "c", "answer": "p"}, {"prompt": "D", "answer": "q"}]}""");
        Assert.Equal(2, FactFile.Read(file.Path).Count);
    }

    [Fact]
    public void Examples_that_are_edited_are_named_with_both_files()
    {
        using var facts = new FactsFile(
            """{"prompt": "a", "target": "x", "rephrase": "b", "locality": "c"}""", """{"prompt": "e", "target": "x"}""");
        using var examples = new FactsFile(
            """{"prompt": "c", "target": "x", "rephrase": "A"}""",
                """{"prompt": "d", "target": "x", "locality": ["b", {"prompt": "E", "answer": "z"}]}""");
        Assert.Equal(
            [
                $"{examples.Path}(1): found rephrasing 'A', which is the prompt of {facts.Path}(1) too, there 'a', " +
                    "expected facts that are not edited; remove it",
                $"{examples.Path}(2): found locality prompt 'b', which is a rephrasing of {facts.Path}(1) too, " +
                    "expected facts that are not edited; remove it",
                $"{examples.Path}(2): found locality prompt 'E', which is the prompt of {facts.Path}(2) too, there 'e', " +
                    "expected facts that are not edited; remove it",
            ],
            FactConflicts.Between(examples.Path, FactFile.Read(examples.Path), facts.Path, FactFile.Read(facts.Path)));
    }

    private sealed class FactsFile : IDisposable
    {
        public FactsFile(params string[] lines) => File.WriteAllLines(Path, lines);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
