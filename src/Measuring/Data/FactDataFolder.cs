using System.Text;
using System.Text.Json;
using Harness.Models.Checkpoints;

namespace Harness.Measuring.Data;

/// <summary>
/// A data set as a folder of JSON lines: <c>cases.jsonl</c>, <c>knowledge.jsonl</c>, <c>recall.jsonl</c>, <c>texts.jsonl</c>,
/// <c>examples.jsonl</c>, <c>probes.jsonl</c>, <c>held-out.jsonl</c>.
/// </summary>
public static class FactDataFolder
{
    private const string Cases = "cases.jsonl";
    private const string Knowledge = "knowledge.jsonl";
    private const string Recall = "recall.jsonl";
    private const string Texts = "texts.jsonl";
    private const string Examples = "examples.jsonl";
    private const string Probes = "probes.jsonl";
    private const string HeldOut = "held-out.jsonl";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes the files into an existing folder, canonical JSON, one value a line: equal data gives equal bytes.</summary>
    public static void Write(FactData data, string folder)
    {
        WriteLines(data.Cases, Path.Combine(folder, Cases));
        WriteLines(data.Knowledge, Path.Combine(folder, Knowledge));
        WriteLines(data.Recall, Path.Combine(folder, Recall));
        WriteLines(data.Texts, Path.Combine(folder, Texts));
        WriteLines(data.Examples, Path.Combine(folder, Examples));
        WriteLines(data.Probes, Path.Combine(folder, Probes));
        WriteLines(data.HeldOut, Path.Combine(folder, HeldOut));
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InputException">A file is missing, or a line is malformed: <c>file(line)</c>, found, expected.</exception>
    public static FactData Read(string folder) => new()
    {
        Cases = ReadLines<EditCase>(Path.Combine(folder, Cases), "an edit case"),
        Knowledge = ReadLines<Question>(Path.Combine(folder, Knowledge), "a question"),
        Recall = ReadLines<Question>(Path.Combine(folder, Recall), "a question"),
        Texts = ReadLines<string>(Path.Combine(folder, Texts), "a text"),
        Examples = ReadLines<EditCase>(Path.Combine(folder, Examples), "an edit case"),
        Probes = ReadLines<ProbeQuestion>(Path.Combine(folder, Probes), "a probe"),
        HeldOut = ReadLines<string>(Path.Combine(folder, HeldOut), "a text"),
    };

    private static void WriteLines<T>(IEnumerable<T> values, string file) =>
        DurableFile.WriteText(file, string.Concat(values.Select(value => CanonicalJson.ToText(value) + "\n")));

    private static List<T> ReadLines<T>(string file, string what)
    {
        string text;
        try
        {
            text = StrictUtf8.GetString(File.ReadAllBytes(file));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new InputException($"{file}: found no readable file ({cause.Message}), expected {what} a line; make the data set " +
                "again", cause);
        }

        if (text.Length > 0 && text[^1] != '\n')
        {
            throw new InputException($"{file}({text.Split('\n').Length}): found a last line without its end, expected {what}; make " +
                "the data set again");
        }

        return [.. text.Split('\n').SkipLast(1).Select((line, i) => ReadLine<T>(line, $"{file}({i + 1})", what))];
    }

    private static T ReadLine<T>(string line, string where, string what)
    {
        try
        {
            return CanonicalJson.FromText<T>(line);
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            var found = line.Length == 0 ? "an empty line" : $"'{(line.Length > 60 ? line[..60] + "…" : line)}'";
            throw new InputException($"{where}: found {found}, expected {what} ({cause.Message}); make the data set again", cause);
        }
    }
}
