using Harness.CheckpointEdits;

namespace Harness.Tests.CheckpointEdits;

public sealed class TextFileTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory();

    [Fact]
    public void Lines_are_texts_and_empty_ones_do_not_count() =>
        Assert.Equal(["One.", " Two. "], TextFile.Read(Write("a.txt", "One.\n \n Two. \r\n")));

    [Fact]
    public void Objects_give_their_text() =>
        Assert.Equal(["One.", "Two."], TextFile.Read(Write("a.jsonl", "{\"text\": \"One.\", \"id\": 3}\n{\"text\": \"Two.\"}\n")));

    [Theory]
    [InlineData("a.txt", " \n", ": found no text, expected one a line; give a file of ordinary sentences")]
    [InlineData("a.jsonl", "[{\"text\": \"One.\"}]", ": found a JSON array, expected an object {\"text\": \"…\"} a line; " +
        "put each element on a line of its own, without the brackets around all and the commas between")]
    [InlineData("a.jsonl", "{\"txt\": \"One.\"}", "(1): found no \"text\", expected a text; add \"text\": \"…\"")]
    [InlineData("a.json", "\n{\"text\": \"One.\"}\n", ": found JSON, expected running text, one text a line; " +
        "write an object {\"text\": \"…\"} a line into a file that ends with .jsonl")]
    [InlineData("a.txt", "[{\"text\": \"One.\"}]", ": found JSON, expected running text, one text a line; " +
        "write an object {\"text\": \"…\"} a line into a file that ends with .jsonl")]
    [InlineData("a.txt", "[\n  \"One.\"\n]", ": found JSON, expected running text, one text a line; " +
        "write an object {\"text\": \"…\"} a line into a file that ends with .jsonl")]
    public void A_file_without_text_says_so(string name, string content, string message)
    {
        var file = Write(name, content);
        Assert.Equal(file + message, Assert.Throws<InputException>(() => TextFile.Read(file)).Message);
    }

    public void Dispose() => root.Delete(recursive: true);

    private string Write(string name, string content)
    {
        var file = Path.Combine(root.FullName, name);
        File.WriteAllText(file, content);
        return file;
    }
}
