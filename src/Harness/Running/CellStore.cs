using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Harness.Running;

/// <summary>
/// Finished cells, one folder each, named by key: the cell's files, manifest.json and timing.json. A cell appears whole or not at all, and
/// its files are checked when they are first read. Several runs may share a store.
/// </summary>
public sealed partial class CellStore
{
    private readonly ConcurrentDictionary<string, bool> verified = new(StringComparer.Ordinal);

    /// <summary>A store in a folder, which is an empty one where it is missing.</summary>
    public CellStore(string folder) => Folder = Path.GetFullPath(folder);

    /// <summary>The store's folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>Makes the folder if it is missing.</summary>
    /// <exception cref="InputException">It cannot be made.</exception>
    public void Make() => StoreFailure.Guard(Folder, () => Directory.CreateDirectory(Folder));

    /// <summary>Whether a cell is there. Its files are not read.</summary>
    public bool Contains(string key) => Directory.Exists(FolderOf(key));

    /// <summary>The folder of a cell, after a check of every file's SHA-256, once per store object.</summary>
    /// <exception cref="InputException">The cell is missing or damaged; it is never recomputed silently.</exception>
    public string Open(string key)
    {
        var folder = FolderOf(key);
        if (!verified.ContainsKey(key))
        {
            if (!Directory.Exists(folder))
                throw new InputException($"store {Folder}: no cell {key}; run its target first");
            var manifest = CellManifest.Read(folder);
            if (manifest.Key != key)
                throw new InputException(
                    $"cell {manifest.Name}: its folder {folder} holds the cell {manifest.Key}; delete the folder and run again");
            manifest.Verify(folder);
            verified[key] = true;
        }

        return folder;
    }

    /// <summary>
    /// Names of what a store adds to a cell's own files in its folder; none where a folder is no cell, nor a copy of one.
    /// </summary>
    public static IReadOnlyList<string> NotesIn(string folder) =>
        ReadableManifest(folder) is null ? [] : [CellManifest.FileName, CellTiming.FileName];

    /// <summary>How long a cell took, or null where that is not known.</summary>
    public CellTiming? Timing(string key)
    {
        try
        {
            return CanonicalJson.FromText<CellTiming>(File.ReadAllText(Path.Combine(FolderOf(key), CellTiming.FileName)));
        }
        catch (Exception failure) when (failure is IOException or JsonException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// The readable manifests of all cells, in order of keys. A damaged one is left out: it is an error where its cell is needed.
    /// </summary>
    public IEnumerable<CellManifest> Manifests() => Folders().Where(IsCell).Order(StringComparer.Ordinal)
        .Select(ReadableManifest).OfType<CellManifest>();

    /// <summary>A temporary folder for making a cell; <see cref="CellDraft.Commit"/> turns it into the cell.</summary>
    /// <exception cref="InputException">The store cannot be written.</exception>
    public CellDraft Create(string key) => new(this, key);

    /// <summary>Removes what killed processes left behind. Drafts of live processes stay.</summary>
    public void RemoveStaleDrafts()
    {
        foreach (var draft in Folders().Where(CellDraft.IsDraft))
        {
            if (!CellDraft.IsInUse(draft))
                StoreFailure.Guard(Folder, () => Directory.Delete(draft, recursive: true));
        }
    }

    /// <summary>Whether a path is something that a store holds: a cell's folder, named by its key, or one that is being made.</summary>
    public static bool Holds(string path) => Directory.Exists(path) && (IsCell(path) || CellDraft.IsDraft(path));

    private static bool IsCell(string folder) => CellKey().IsMatch(Path.GetFileName(folder));

    internal string FolderOf(string key) => Path.Combine(Folder, key);

    private IEnumerable<string> Folders() => Directory.Exists(Folder) ? Directory.EnumerateDirectories(Folder) : [];

    private static CellManifest? ReadableManifest(string folder)
    {
        try
        {
            return CellManifest.Read(folder);
        }
        catch (InputException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex CellKey();
}

/// <summary>Turns what the file system refuses into one line for the user.</summary>
internal static class StoreFailure
{
    // errno of ENOSPC, EROFS and EDQUOT, which .NET hands through as HResult; and Windows' ERROR_DISK_FULL.
    private static readonly int[] FullOrReadOnly = [28, 30, 122, unchecked((int)0x80070070)];

    /// <summary>Runs an action on the store.</summary>
    /// <exception cref="InputException">The file system refused.</exception>
    public static void Guard(string store, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Of(store, failure);
        }
    }

    /// <summary>Whether an exception from a cell's body says that the disk is full or may not be written.</summary>
    public static bool IsFullOrReadOnly(Exception failure) => failure is IOException && FullOrReadOnly.Contains(failure.HResult);

    /// <summary>Whether a failed cell's message is such a line: the cell itself may be sound.</summary>
    public static bool Is(string message) => message.StartsWith("store ", StringComparison.Ordinal);

    /// <summary>The user's line.</summary>
    public static InputException Of(string store, Exception failure) => new(
        $"store {store}: cannot be written ({failure.Message.TrimEnd('.')}); "
        + "free space there, make the folder writable or choose another with --store, and run again; finished cells are kept",
        failure);
}
