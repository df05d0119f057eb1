using System.Security.Cryptography;
using Harness.Models.Checkpoints;
using Harness.Running;

namespace Harness.Downloads;

/// <summary>
/// SHA-256 of files, remembered by path, size and time of change, so that a checkpoint is read through once and not in every cell.
/// </summary>
/// <param name="folder">Where it is remembered; made when needed. Where it cannot be written nothing is remembered.</param>
internal sealed class FileHashes(string folder)
{
    private const long LargeBytes = 1 << 28;

    // A file changed this recently could change again within the same tick of the file system's clock.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    /// <summary>The one in the cache folder.</summary>
    public static FileHashes Current() => new(Path.Combine(CacheFolder.Current(), "hashes"));

    /// <summary>Size and SHA-256 of a file.</summary>
    /// <param name="file">The file; links are followed.</param>
    /// <param name="log">Told before a large file is read through.</param>
    /// <exception cref="InputException">The file cannot be read.</exception>
    public (long Size, string Sha256) Of(string file, Action<string> log)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var changed = File.GetLastWriteTimeUtc(stream.SafeFileHandle);
            if (Remembered(file) is { } known && known.Size == stream.Length && known.Changed == changed.Ticks)
                return (known.Size, known.Sha256);
            if (stream.Length >= LargeBytes) log($"computing the SHA-256 of {file} ({Download.Size(stream.Length)}), once");
            // Through the handle whose size and time are remembered with it.
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(stream));
            if (File.GetLastWriteTimeUtc(stream.SafeFileHandle) == changed) Remember(file, stream, sha256);
            return (stream.Length, sha256);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: found no readable file ({cause.Message}), expected one; check its permissions", cause);
        }
    }

    /// <summary>Remembers what is known already.</summary>
    public void Remember(string file, string sha256)
    {
        using var stream = File.OpenRead(file);
        Remember(file, stream, sha256);
    }

    private void Remember(string file, FileStream stream, string sha256)
    {
        var changed = File.GetLastWriteTimeUtc(stream.SafeFileHandle);
        if (DateTime.UtcNow - changed < Settled) return;
        try
        {
            Directory.CreateDirectory(folder);
            var entry = new Entry(Path.GetFullPath(file), stream.Length, changed.Ticks, sha256);
            DurableFile.WriteText(Place(file), CanonicalJson.ToText(entry) + "\n");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or InputException)
        {
            // It is only slower: the file is read again the next time.
        }
    }

    private Entry? Remembered(string file) =>
        StoredJson.ReadOrNull<Entry>(Place(file)) is { } entry && entry.Path == Path.GetFullPath(file) ? entry : null;

    private string Place(string file) => Path.Combine(folder, TextHash.Of(Path.GetFullPath(file)) + ".json");

    private sealed record Entry(string Path, long Size, long Changed, string Sha256);
}
