using System.Security.Cryptography;
using static TorchSharp.torch;

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
        using var source = Sha256.Open(from);
        using var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var read = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var hash = SHA256.Create();
        using var written = new CryptoStream(target, hash, CryptoStreamMode.Write, leaveOpen: true);
        Stream output = parts.Count == 0 ? target : written;
        var buffer = new byte[BufferBytes];
        foreach (var part in parts.OrderBy(part => part.Offset))
        {
            Pass(source, part.Offset - source.Position, buffer, read, output);
            part.Write(output);
            Pass(source, part.Length, buffer, read, Stream.Null);
        }

        Pass(source, source.Length - source.Position, buffer, read, output);
        written.FlushFinalBlock();
        if (parts.Count > 0) target.Flush(flushToDisk: true);
        else File.SetLastWriteTimeUtc(target.SafeFileHandle, File.GetLastWriteTimeUtc(source.SafeFileHandle));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target.SafeFileHandle, File.GetUnixFileMode(source.SafeFileHandle) | UnixFileMode.UserWrite);
        var before = read.GetHashAndReset();
        return (Convert.ToHexStringLower(before), Convert.ToHexStringLower(parts.Count == 0 ? before : hash.Hash!));
    }

    // Hashing takes as long as writing: they go side by side.
    private static void Pass(FileStream source, long count, byte[] buffer, IncrementalHash hash, Stream output)
    {
        while (count > 0)
        {
            var length = source.Read(buffer, 0, (int)Math.Min(count, buffer.Length));
            if (length == 0) throw new EndOfStreamException($"{source.Name} became shorter while it was open");
            var hashing = Task.Run(() => hash.AppendData(buffer, 0, length));
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

/// <summary>SHA-256, in lower-case hexadecimal.</summary>
public static class Sha256
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Of a file.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static string Of(string file)
    {
        try
        {
            using var source = Open(file);
            return Of(hash => source.CopyTo(hash, BufferBytes));
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            throw FileCause.CannotRead(file, exception);
        }
    }

    /// <summary>Of a tensor's values in its dtype, row by row, wherever it lives.</summary>
    public static string Of(Tensor values)
    {
        using var scope = NewDisposeScope();
        return Of(hash => values.detach().cpu().contiguous().WriteBytesToStream(hash, BufferBytes));
    }

    internal static FileStream Open(string file) =>
        new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);

    private static string Of(Action<Stream> write)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write)) write(stream);
        return Convert.ToHexStringLower(hash.Hash!);
    }
}
