using System.Text;
using System.Text.Json;
using Harness.Models.Checkpoints;

namespace Harness.Measuring.Data;

/// <summary>Values as cells store them: canonical JSON, one a line; equal values give equal bytes.</summary>
internal static class StoredLines
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes a file.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static void Write<T>(string file, IEnumerable<T> values) =>
        DurableFile.WriteText(file, string.Concat(values.Select(value => CanonicalJson.ToText(value) + "\n")));

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="file">The file.</param>
    /// <param name="what">What a line holds, for errors.</param>
    /// <exception cref="InputException">The file is missing or cut, or a line is malformed: <c>file(line)</c>, found, expected.</exception>
    public static IReadOnlyList<T> Read<T>(string file, string what)
    {
        string text;
        try
        {
            text = StrictUtf8.GetString(File.ReadAllBytes(file));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new InputException(
                $"{file}: found no readable file ({cause.Message}), expected {what} a line; make the cell again", cause);
        }

        var lines = text.Split('\n');
        return lines[^1].Length == 0 ? [.. lines.SkipLast(1).Select((line, i) => Line($"{file}({i + 1})", line))]
            : throw new InputException($"{file}({lines.Length}): found a last line without its end, expected {what}; make the cell again");

        T Line(string where, string line)
        {
            try
            {
                return CanonicalJson.FromText<T>(line);
            }
            catch (Exception cause) when (cause is JsonException or InvalidOperationException)
            {
                var found = line.Length == 0 ? "an empty line" : $"'{(line.Length > 60 ? line[..60] + "…" : line)}'";
                throw new InputException($"{where}: found {found}, expected {what} ({cause.Message}); make the cell again", cause);
            }
        }
    }
}
