using Harness.Measuring.Data;
namespace Harness.CheckpointEdits;

/// <summary>Reads running text, over which the key statistics of locate-and-edit methods are taken.</summary>
public static class TextFile
{
    private const string Example = """an object {"text": "…"}""";

    /// <summary>
    /// The texts of a file: of a <c>.jsonl</c> file the <c>text</c> of each line's object, whose other keys do not matter; of any other
    /// file its lines, without those of white space alone.
    /// </summary>
    /// <exception cref="InputException">The file cannot be read, holds no text, or a line is unsound.</exception>
    public static IReadOnlyList<string> Read(string file)
    {
        SilentPipe.Refuse(file);
        var lines = TextLines.Read(file, "running text, one text a line");
        var isJson = Path.GetExtension(file).Equals(".jsonl", StringComparison.OrdinalIgnoreCase);
        if (isJson) JsonLine.CheckForm(file, lines, Example);
        else if (lines.Select(line => line.Text.TrimStart()).FirstOrDefault(text => text.Length > 0) is ['{', '"', ..]
            or ['[', '{' or '"', ..] or "[" or "{")
            throw new InputException(
                $"{file}: found JSON, expected running text, one text a line; write {Example} a line into a file that ends with .jsonl");
        string[] texts = [.. isJson
            ? lines.Select(line => JsonLine.Read($"{file}({line.Number})", line.Text, Example).Text("text", "a text"))
            : lines.Select(line => line.Text).Where(text => !string.IsNullOrWhiteSpace(text))];
        return texts.Length > 0
            ? texts
            : throw new InputException($"{file}: found no text, expected one a line; give a file of ordinary sentences");
    }
}
