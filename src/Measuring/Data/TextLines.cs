using System.Text;

namespace Harness.Measuring.Data;

/// <summary>Lines of a UTF-8 file, with their numbers.</summary>
public static class TextLines
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // How files begin that hold text in another form.
    private static readonly (byte[] Start, string Is, string Remedy)[] Packed =
    [
        ([0x1F, 0x8B], "a gzip archive", "unpack it"), ([.. "PK\u0003\u0004"u8], "a zip archive or a spreadsheet", "give the text in it"),
        ([.. "PAR1"u8], "a Parquet file", "write its rows as text"),
    ];

    /// <summary>Reads a file; a byte order mark, carriage returns at line ends and the end of the last line do not count.</summary>
    /// <param name="file">The file.</param>
    /// <param name="what">What it should hold, for errors.</param>
    /// <exception cref="InputException">The file cannot be read, or a line is not UTF-8.</exception>
    public static IReadOnlyList<(int Number, string Text)> Read(string file, string what)
    {
        var rest = Bytes(file, what).AsSpan();
        foreach (var (start, found, remedy) in Packed)
            if (rest.StartsWith(start)) throw new InputException($"{file}: found {found}, expected {what}; {remedy}");
        if (rest.Length > 1 && rest[..2].Contains((byte)0))
            throw new InputException($"{file}: found a zero byte at its beginning, as in UTF-16, expected {what}; save the file as UTF-8");
        if (rest.StartsWith(Encoding.UTF8.Preamble)) rest = rest[Encoding.UTF8.Preamble.Length..];
        var lines = new List<(int, string)>();
        while (rest.Length > 0)
        {
            var end = rest.IndexOf((byte)'\n') is >= 0 and var found ? found : rest.Length;
            lines.Add((lines.Count + 1, Decode(rest[..end], $"{file}({lines.Count + 1})").TrimEnd('\r')));
            rest = rest[Math.Min(end + 1, rest.Length)..];
        }

        return lines;
    }

    private static byte[] Bytes(string file, string what)
    {
        if (Directory.Exists(file)) throw new InputException($"{file}: found a folder, expected {what}; name a file in it");
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{file}: found no readable file ({cause.Message.TrimEnd('.')}), expected {what}; check its path", cause);
        }
    }

    private static string Decode(ReadOnlySpan<byte> line, string where)
    {
        try
        {
            return StrictUtf8.GetString(line);
        }
        catch (DecoderFallbackException cause)
        {
            throw new InputException($"{where}: found bytes that are no UTF-8, expected text; save the file as UTF-8", cause);
        }
    }
}
