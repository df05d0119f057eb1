namespace Harness.Models.Checkpoints;

/// <summary>A part of a file that is another one in its copy.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">Bytes of it, in both.</param>
/// <param name="Write">Writes them.</param>
internal sealed record ReplacedBytes(long Offset, long Length, Action<Stream> Write)
{
    private const int BufferBytes = 1 << 22;

    /// <summary>Copies a file with other bytes in some places, and takes the SHA-256 of both as they pass by.</summary>
    /// <param name="from">The file; only read.</param>
    /// <param name="to">Must not exist yet; may be written by its owner whatever the original's mode is.</param>
    /// <param name="parts">Places without overlap, in any order.</param>
    public static (string From, string To) Copy(string from, string to, IReadOnlyCollection<ReplacedBytes> parts)
    {
        using var source = Open(from);
        using var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var read = new HashingStream(Stream.Null);
        using var written = parts.Count > 0 ? new HashingStream(target) : null;
        Stream output = written is null ? target : written;
        var buffer = new byte[BufferBytes];
        foreach (var part in parts.OrderBy(part => part.Offset))
        {
            Pass(source, part.Offset - source.Position, buffer, read, output);
            part.Write(output);
            Pass(source, part.Length, buffer, read, Stream.Null);
        }

        Pass(source, source.Length - source.Position, buffer, read, output);
        if (parts.Count > 0) target.Flush(flushToDisk: true);
        else File.SetLastWriteTimeUtc(target.SafeFileHandle, File.GetLastWriteTimeUtc(source.SafeFileHandle));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target.SafeFileHandle, File.GetUnixFileMode(source.SafeFileHandle) | UnixFileMode.UserWrite);
        return (read.Sha256, (written ?? read).Sha256);
    }

    /// <summary>The SHA-256 of a file: lower-case hexadecimal.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static string HashOf(string file)
    {
        try
        {
            using var source = Open(file);
            using var read = new HashingStream(Stream.Null);
            source.CopyTo(read, BufferBytes);
            return read.Sha256;
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            throw FileCause.CannotRead(file, exception);
        }
    }

    private static FileStream Open(string file) =>
        new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);

    // Hashing takes as long as writing: they go side by side.
    private static void Pass(FileStream source, long count, byte[] buffer, Stream hash, Stream output)
    {
        while (count > 0)
        {
            var length = source.Read(buffer, 0, (int)Math.Min(count, buffer.Length));
            if (length == 0) throw new EndOfStreamException($"{source.Name} became shorter while it was open");
            var hashing = Task.Run(() => hash.Write(buffer, 0, length));
            try
            {
                output.Write(buffer, 0, length);
            }
            finally
            {
                hashing.GetAwaiter().GetResult();
            }

            count -= length;
        }
    }
}
