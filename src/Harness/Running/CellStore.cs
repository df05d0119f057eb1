using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Harness.Running;

/// <summary>
/// Finished cells, one folder each, named by key: the cell's files, manifest.json and timing.json. A cell appears whole or not at all, and
/// its files are checked when they are first read. Several runs may share a store.
/// </summary>
public sealed partial class CellStore
{
    // A caching mount was seen to hide a folder for 21 s after it had been asked for in vain.
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(90);
    private readonly ConcurrentDictionary<string, bool> verified = new(StringComparer.Ordinal);
    private readonly TimeProvider clock;

    /// <summary>A store in a folder, which is an empty one where it is missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="clock">Measures how long others show no life; the system's by default.</param>
    public CellStore(string folder, TimeProvider? clock = null)
    {
        (Folder, this.clock) = (Path.GetFullPath(folder), clock ?? TimeProvider.System);
        Watch = new StillWatch(this.clock);
    }

    /// <summary>The store's folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>What this store object has seen of other machines' drafts.</summary>
    internal StillWatch Watch { get; }

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
            if (!Contains(key) && !Appears(key))
                throw new InputException($"store {Folder}: no cell {key}; run its target first");
            ManifestOf(key).Verify(folder);
            verified[key] = true;
        }

        return folder;
    }

    /// <summary>What is wrong with a cell that is there, as far as it shows without reading its files; null where nothing is.</summary>
    public string? FaultOf(string key)
    {
        try
        {
            if (!verified.ContainsKey(key)) ManifestOf(key).VerifySizes(FolderOf(key));
            return null;
        }
        catch (InputException fault)
        {
            return fault.Message;
        }
    }

    private CellManifest ManifestOf(string key)
    {
        var folder = FolderOf(key);
        var manifest = CellManifest.Read(folder);
        return manifest.Key == key ? manifest : throw new InputException(
            $"cell {manifest.Name}: its folder {folder} holds the cell {manifest.Key}; delete the folder and run again");
    }

    // Names that were looked for before they were there may stay hidden for a while on a shared folder, where its listing has them.
    private bool Appears(string key)
    {
        var from = clock.GetTimestamp();
        while (Folders().Any(folder => Path.GetFileName(folder) == key))
        {
            if (Contains(key)) return true;
            if (clock.GetElapsedTime(from) > LongestLag) return false;
            Thread.Sleep(200);
        }

        return false;
    }

    /// <summary>
    /// Names of what a store adds to a cell's own files in its folder; none where a folder is no cell, nor a copy of one.
    /// </summary>
    public static IReadOnlyList<string> NotesIn(string folder) =>
        ReadableManifest(folder) is null ? [] : [CellManifest.FileName, CellTiming.FileName];

    /// <summary>How long a cell took, or null where that is not known.</summary>
    public CellTiming? Timing(string key) => StoredJson.ReadOrNull<CellTiming>(Path.Combine(FolderOf(key), CellTiming.FileName));

    /// <summary>
    /// The readable manifests of all cells, in order of keys. A damaged one is left out: it is an error where its cell is needed.
    /// </summary>
    public IEnumerable<CellManifest> Manifests() => Folders().Where(IsCell).Order(StringComparer.Ordinal)
        .Select(ReadableManifest).OfType<CellManifest>();

    /// <summary>
    /// Claims a cell and gives a folder to make it in, which <see cref="CellDraft.Commit"/> turns into the cell; null where another process
    /// that lives has claimed it.
    /// </summary>
    /// <exception cref="InputException">The store cannot be written.</exception>
    public CellDraft? TryCreate(string key) => CellDraft.TryCreate(this, key);

    /// <summary>Who makes a cell now, <c>process 17 on node-3</c>; null where nobody does.</summary>
    public string? HolderOf(string key) => CellDraft.HolderOf(this, key);

    /// <summary>Removes what killed processes left behind. Drafts of live processes stay.</summary>
    public void RemoveStaleDrafts()
    {
        foreach (var draft in Folders().Where(CellDraft.IsDraft).ToList())
            if (!CellDraft.IsInUse(this, draft)) CellDraft.Remove(draft);
    }

    /// <summary>
    /// Takes back what jobs had claimed that have ended, as whoever runs them says. One that goes on all the same commits nothing.
    /// </summary>
    internal void TakeBack(IReadOnlySet<string> jobs)
    {
        foreach (var draft in Folders().Where(CellDraft.IsDraft).ToList())
            if (DraftOwner.Of(draft) is { Job: { Length: > 0 } job } && jobs.Contains(job)) CellDraft.Remove(draft);
    }

    /// <summary>Whether a path is something that a store holds: a cell's folder, named by its key, or one that is being made.</summary>
    public static bool Holds(string path) => Directory.Exists(path)
        && (IsCell(path) || CellDraft.IsDraft(path) || Path.GetFileName(path) == Cluster.ClusterRun.Place);

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
