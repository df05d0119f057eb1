using System.Collections.Concurrent;
using System.Globalization;

namespace Harness.Running;

/// <summary>
/// A cell in the making, and the claim to make it: <c>tmp-&lt;key&gt;.&lt;n&gt;</c> in the store's folder, with its owner and a lock that
/// beats while the owner lives. Only one owner of a key is the latest: whoever finds the latest abandoned takes n + 1, and a commit of any
/// other is refused. Disposing it without <see cref="Commit"/> throws it away.
/// </summary>
public sealed class CellDraft : IDisposable
{
    /// <summary>How often an owner shows that it lives, where its process cannot be seen.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(30);

    /// <summary>Without a beat for so long, by the clock of whoever looks, an owner counts as gone.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private const string Prefix = "tmp-", LockName = "lock";
    private static readonly TimeSpan Unclaimed = TimeSpan.FromDays(1);
    private readonly CellStore store;
    private readonly string key, folder;
    private readonly DraftOwner owner;
    private readonly FileStream handle;
    private readonly Timer beats;

    private CellDraft(CellStore store, string key, string folder, DraftOwner owner, FileStream handle)
    {
        (this.store, this.key, this.folder, this.owner, this.handle) = (store, key, folder, owner, handle);
        beats = new Timer(_ => ShowLife(), null, Beat, Beat);
    }

    /// <summary>The folder to fill, empty at first. Nobody else's ever has this path.</summary>
    public string Output => OutputIn(folder, owner);

    /// <summary>Claims a cell; null where another that lives has it.</summary>
    /// <exception cref="InputException">The store cannot be written.</exception>
    internal static CellDraft? TryCreate(CellStore store, string key)
    {
        var (number, latest) = Latest(store, key);
        if (latest is not null && IsInUse(store, latest)) return null;
        var owner = DraftOwner.This();
        var prepared = Path.Combine(store.Folder, $"{Prefix}{owner.Machine}-{owner.Process}-{owner.Token}");
        var folder = Path.Combine(store.Folder, $"{Prefix}{key}.{number + 1}");
        FileStream? handle = null;
        try
        {
            Directory.CreateDirectory(prepared);
            handle = new FileStream(Path.Combine(prepared, LockName), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(Path.Combine(prepared, DraftOwner.FileName), CanonicalJson.ToText(owner) + "\n");
            Directory.CreateDirectory(OutputIn(prepared, owner));

            // The one step that only one can take: a folder with something in it is never replaced.
            Directory.Move(prepared, folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            handle?.Dispose();
            Remove(prepared);
            if (Directory.Exists(folder)) return null;
            throw StoreFailure.Of(store.Folder, failure);
        }

        if (latest is not null) Remove(latest);
        return new CellDraft(store, key, folder, owner, handle);
    }

    /// <summary>Who has claimed a cell and lives, for people; null where nobody.</summary>
    internal static string? HolderOf(CellStore store, string key) =>
        Latest(store, key).Folder is { } latest && IsInUse(store, latest) ? $"{DraftOwner.Of(latest)}" : null;

    /// <summary>Flushes every file to disk, writes manifest and timing, and renames the folder to the cell's.</summary>
    /// <exception cref="CellTakenException">Another has claimed the cell meanwhile, or made it; nothing was committed.</exception>
    /// <exception cref="InputException">The store cannot be written.</exception>
    public void Commit(string name, System.Text.Json.Nodes.JsonObject parts, CellTiming timing) => StoreFailure.Guard(store.Folder, () =>
    {
        CheckClaim(name);
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
        CheckClaim(name);
        try
        {
            Directory.Move(Output, store.FolderOf(key));
        }
        catch (IOException) when (store.Contains(key))
        {
            throw new CellTakenException($"{name}: another process made it meanwhile");
        }
    });

    /// <summary>Gives the claim back and removes what was not committed.</summary>
    public void Dispose()
    {
        beats.Dispose();
        handle.Dispose();
        if (IsOwn) Remove(folder);
    }

    /// <summary>Whether a folder of a store is a draft.</summary>
    internal static bool IsDraft(string folder) => Path.GetFileName(folder).StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether a draft's owner lives: it holds the lock, or its process is there; of another machine's, whether it still beats.
    /// </summary>
    internal static bool IsInUse(CellStore store, string folder)
    {
        if (IsLocked(folder)) return true;
        if (NumberOf(folder) is not null)
        {
            return DraftOwner.Of(folder) switch
            {
                null => false,
                { IsAlive: { } alive } => alive,
                _ => !store.Watch.IsStill(folder, BeatOf(folder)),
            };
        }

        // Being prepared: its name says by whom.
        if (Path.GetFileName(folder).Split('-') is not [_, var machine, var process, _]) return false;
        return machine == DraftOwner.ThisMachine
            ? Whole(process) is { } id && DraftOwner.Lives(id)
            : DateTime.UtcNow - Directory.GetLastWriteTimeUtc(folder) < Unclaimed;
    }

    /// <summary>Removes a draft, as far as the file system lets it; a later run removes the rest.</summary>
    internal static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Another is removing it, or it cannot be.
        }
    }

    private static string OutputIn(string folder, DraftOwner owner) => Path.Combine(folder, $"cell-{owner.Token}");

    private static (int Number, string? Folder) Latest(CellStore store, string key)
    {
        var found = (Number: 0, Folder: (string?)null);
        if (!Directory.Exists(store.Folder)) return found;
        foreach (var folder in Directory.EnumerateDirectories(store.Folder, $"{Prefix}{key}.*"))
        {
            if (NumberOf(folder) is { } number && number > found.Number) found = (number, folder);
        }

        return found;
    }

    // Of a claim; null where a draft is still being prepared.
    private static int? NumberOf(string folder) => Whole(Path.GetExtension(folder).TrimStart('.'));

    private static int? Whole(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private bool IsOwn => DraftOwner.Of(folder)?.Token == owner.Token;

    private void CheckClaim(string name)
    {
        if (!IsOwn || Latest(store, key).Folder != folder)
            throw new CellTakenException($"{name}: another process took it over, as this one had shown no life");
    }

    private static bool IsLocked(string folder)
    {
        try
        {
            using var free = new FileStream(Path.Combine(folder, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            // Killed before it took the lock, or being removed.
            return false;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static string BeatOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, LockName));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private void ShowLife()
    {
        try
        {
            RandomAccess.Write(handle.SafeFileHandle, System.Text.Encoding.ASCII.GetBytes($"{DateTime.UtcNow:O}"), 0);
            RandomAccess.FlushToDisk(handle.SafeFileHandle);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // A full disk, or the end: whoever looks then takes this process for gone.
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

/// <summary>A cell was not made here because another process makes it, or has made it; the message says which.</summary>
public sealed class CellTakenException(string message) : Exception(message);

/// <summary>Notices, by its own clock alone, what has not changed for too long: clocks of machines differ.</summary>
internal sealed class StillWatch(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, (string State, long Since)> seen = new(StringComparer.Ordinal);

    /// <summary>Whether a thing has been in one state for <see cref="CellDraft.Patience"/>, as far as this watch has seen it.</summary>
    public bool IsStill(string thing, string state)
    {
        var last = seen.AddOrUpdate(thing, _ => (state, clock.GetTimestamp()),
            (_, before) => before.State == state ? before : (state, clock.GetTimestamp()));
        return clock.GetElapsedTime(last.Since) >= CellDraft.Patience;
    }
}
