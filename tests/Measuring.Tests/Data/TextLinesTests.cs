using System.Text;
using Harness.Measuring.Data;

namespace Harness.Tests.Data;

public sealed class TextLinesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lines").FullName;

    private string Name => Path.Combine(folder, "a.txt");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("a", "a")]
    [InlineData("a\nb\n", "a", "b")]
    [InlineData("a\r\n\r\nb\r\n", "a", "", "b")]
    [InlineData("\uFEFFa\n\uFEFFb", "a", "\uFEFFb")]
    [InlineData("\n", "")]
    [InlineData(" a\rb \u2028c\t\n", " a\rb \u2028c\t")]
    [InlineData("Zoë 西河国 😀", "Zoë 西河国 😀")]
    public void Lines_end_with_a_line_feed_and_lose_nothing_but_their_end(string text, params string[] lines)
    {
        File.WriteAllBytes(Name, Encoding.UTF8.GetBytes(text));
        Assert.Equal(lines.Select((line, i) => (i + 1, line)), TextLines.Read(Name, "facts"));
    }

    [Theory]
    [InlineData("a gzip archive, expected facts; unpack it", "1F8B08")]
    [InlineData("a zip archive or a spreadsheet, expected facts; give the text in it", "504B030400")]
    [InlineData("a Parquet file, expected facts; write its rows as text", "50415231")]
    [InlineData("a zero byte at its beginning, as in UTF-16, expected facts; save the file as UTF-8", "61006200")]
    [InlineData("a zero byte at its beginning, as in UTF-16, expected facts; save the file as UTF-8", "0061")]
    public void Text_in_another_form_is_named_with_what_to_do(string found, string bytes) =>
        Assert.Equal($"{Name}: found {found}", Message(Convert.FromHexString(bytes)));

    [Fact]
    public void Bytes_that_are_no_UTF8_are_named_by_their_line() => Assert.Equal(
        $"{Name}(2): found bytes that are no UTF-8, expected text; save the file as UTF-8", Message([.. "a\nb"u8, 0xE9, .. "\nc"u8]));

    [Fact]
    public void What_is_no_file_is_one_line()
    {
        Assert.Equal($"{folder}: found a folder, expected facts; name a file in it",
            Assert.Throws<InputException>(() => TextLines.Read(folder, "facts")).Message);
        Assert.Equal($"{Name}: found no readable file (Could not find file '{Name}'), expected facts; check its path",
            Assert.Throws<InputException>(() => TextLines.Read(Name, "facts")).Message);
    }

    private string Message(byte[] bytes)
    {
        File.WriteAllBytes(Name, bytes);
        return Assert.Throws<InputException>(() => TextLines.Read(Name, "facts")).Message;
    }
}
