using System.Diagnostics;
using System.Globalization;

namespace Harness.Running;

/// <summary>
/// A cell in the making: <c>tmp-&lt;process&gt;-…/cell</c> in the store's folder, with a lock beside it while its process lives. Disposing
/// it without <see cref="Commit"/> throws it away.
/// </summary>
public sealed class CellDraft : IDisposable
{
    private const string Prefix = "tmp-", LockName = "lock";
    private readonly CellStore store;
    private readonly string key;
    private readonly string folder;
    private readonly FileStream handle;

    internal CellDraft(CellStore store, string key)
    {
        (this.store, this.key) = (store, key);
        folder = Path.Combine(store.Folder, $"{Prefix}{Environment.ProcessId}-{key[..Math.Min(key.Length, 12)]}-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            handle = new FileStream(Path.Combine(folder, LockName), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
            Directory.CreateDirectory(Output);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(store.Folder, failure);
        }
    }

    /// <summary>The folder to fill, empty at first.</summary>
    public string Output => Path.Combine(folder, "cell");

    /// <summary>
    /// Flushes every file to disk, writes manifest and timing, and renames the folder to the cell's. Where another process was faster its
    /// cell stays: both have the same content.
    /// </summary>
    /// <exception cref="InputException">The store cannot be written.</exception>
    public void Commit(string name, System.Text.Json.Nodes.JsonObject parts, CellTiming timing) => StoreFailure.Guard(store.Folder, () =>
    {
        var files = Directory.GetFiles(Output, "*", SearchOption.AllDirectories);
        foreach (var file in files)
            Flush(file);
        var manifest = new CellManifest
        {
            Key = key,
            Name = name,
            Parts = parts,
            Files = [.. files.Select(file => StoredFile.Of(Output, file)).OrderBy(file => file.Path, StringComparer.Ordinal)],
        };
        Write(CellManifest.FileName, CanonicalJson.ToText(manifest));
        Write(CellTiming.FileName, CanonicalJson.ToText(timing));
        try
        {
            Directory.Move(Output, store.FolderOf(key));
        }
        catch (IOException) when (store.Contains(key))
        {
            // Another process made the same cell meanwhile.
        }
    });

    /// <summary>Removes the temporary folder.</summary>
    public void Dispose()
    {
        handle.Dispose();
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A later run removes it.
        }
    }

    /// <summary>Whether a folder of a store is a draft.</summary>
    internal static bool IsDraft(string folder) => Path.GetFileName(folder).StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether a draft's process lives: it does while it holds the lock, and on file systems without locks while there is one of its id.
    /// </summary>
    internal static bool IsInUse(string folder)
    {
        try
        {
            using var free = new FileStream(Path.Combine(folder, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (FileNotFoundException)
        {
            // Killed before it took the lock, or just about to take it.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return true;
        }

        return int.TryParse(Path.GetFileName(folder).Split('-')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            && IsAlive(process);
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private void Write(string file, string line)
    {
        var path = Path.Combine(Output, file);
        File.WriteAllText(path, line + "\n");
        Flush(path);
    }

    private static void Flush(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }
}
