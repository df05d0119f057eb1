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
