namespace Harness.Models.Checkpoints;

/// <summary>Writes files that are either wholly there, on disk, or not there at all.</summary>
public static class DurableFile
{
    /// <summary>What a file is called, beside its place, until its last byte is on disk.</summary>
    public const string UnfinishedSuffix = ".writing";

    private static readonly System.Text.UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Writes a file beside <paramref name="path"/>, flushes it to disk and renames it into place. Where anything fails, what was at
    /// <paramref name="path"/> before is untouched and nothing unfinished stays behind.
    /// </summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the content, from its first byte to its last.</param>
    /// <exception cref="InputException">The file cannot be written: no space, no permission, read-only, no such folder …</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var unfinished = path + UnfinishedSuffix;
        try
        {
            using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception exception)
        {
            Remove(unfinished);
            if (FileCause.Explains(exception)) throw FileCause.CannotWrite(path, exception);
            throw;
        }
    }

    /// <summary>The same for text: UTF-8 without a mark; unpaired surrogates are an error.</summary>
    /// <exception cref="InputException">As <see cref="Write"/>.</exception>
    public static void WriteText(string path, string text)
    {
        var bytes = StrictUtf8.GetBytes(text);
        Write(path, stream => stream.Write(bytes));
    }

    private static void Remove(string unfinished)
    {
        try
        {
            File.Delete(unfinished);
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            // The first failure is the one to report.
        }
    }
}

/// <summary>Turns what the operating system says about a file into one plain phrase.</summary>
internal static class FileCause
{
    // Raw error numbers (Linux) and the low half of HRESULTs (Windows), as .NET puts them into IOException.HResult.
    private const int NoSpaceLinux = 28, NoSpaceWindows = 112, ReadOnlyLinux = 30, ReadOnlyWindows = 19, QuotaLinux = 122;

    public static bool Explains(Exception exception) => exception is IOException or UnauthorizedAccessException or NotSupportedException;

    /// <summary>A file's bytes.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static byte[] ReadAllBytes(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception exception) when (Explains(exception))
        {
            throw CannotRead(file, exception);
        }
    }

    public static InputException CannotRead(string file, Exception exception) =>
        new($"{file}: found no readable file ({Of(file, exception)}), expected one; check the path and its permissions", exception);

    public static InputException CannotWrite(string file, Exception exception) =>
        new($"{file}: cannot be written: {Of(file, exception)}; free space, fix the permissions or choose another folder", exception);

    private static string Of(string file, Exception exception) => exception switch
    {
        _ when Directory.Exists(file) => "it is a folder",
        DirectoryNotFoundException => "its folder does not exist",
        FileNotFoundException => "it does not exist",
        UnauthorizedAccessException => "permission denied",
        _ => (exception.HResult & 0xFFFF) switch
        {
            NoSpaceLinux or NoSpaceWindows => "no space left on the device",
            QuotaLinux => "the disk quota is used up",
            ReadOnlyLinux or ReadOnlyWindows => "the file system is read-only",
            _ => exception.Message.TrimEnd('.'),
        },
    };
}
