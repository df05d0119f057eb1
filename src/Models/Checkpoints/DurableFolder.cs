namespace Harness.Models.Checkpoints;

/// <summary>Writes folders that are either wholly there or not there at all.</summary>
public static class DurableFolder
{
    /// <summary>
    /// Fills a folder beside <paramref name="path"/> and renames it into place. Where anything fails, nothing unfinished stays behind.
    /// </summary>
    /// <param name="path">Must not exist yet, or be an empty folder.</param>
    /// <param name="fill">Is given the folder to write into.</param>
    /// <exception cref="InputException">The folder cannot be written: no space, no permission, an unfinished one there …</exception>
    public static void Write(string path, Action<string> fill)
    {
        var final = Whole(path);
        var unfinished = Unfinished(final);
        try
        {
            Directory.CreateDirectory(unfinished);
            fill(unfinished);
            if (Directory.Exists(final)) Directory.Delete(final);
            Directory.Move(unfinished, final);
        }
        catch (Exception exception)
        {
            Remove(unfinished);
            if (FileCause.Explains(exception)) throw CannotWrite(path, exception);
            throw;
        }
    }

    /// <summary>Tries whether a folder can be made, or an empty one replaced; nothing stays behind.</summary>
    /// <exception cref="InputException">It cannot.</exception>
    public static void CheckWritable(string path)
    {
        var final = Whole(path);
        Unfinished(final);
        for (var part = Path.GetDirectoryName(final); part is not null && !Directory.Exists(part); part = Path.GetDirectoryName(part))
            if (Path.Exists(part) || new FileInfo(part).LinkTarget is not null)
                throw new InputException(
                    $"{path}: found a file or a link that leads nowhere at {part}, expected a folder; name another one");
        var trial = Path.Combine(Above(path), $".trial-{Guid.NewGuid():N}");
        try
        {
            new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            throw CannotWrite(path, exception);
        }

        if (new FileInfo(final).LinkTarget is { } target)
            throw new InputException($"{path}: found a link to {target}, expected a new or empty folder; name that folder itself");
        if (!Directory.Exists(final)) return;
        try
        {
            // A mount point, for one, cannot.
            Directory.Move(final, trial);
            Directory.Move(trial, final);
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            throw new InputException(
                $"{path}: found a folder that cannot be renamed ({exception.Message.TrimEnd('.')}), expected one that can be "
                + "replaced; name a new one, for example inside it", exception);
        }
    }

    /// <summary>The nearest folder above a path that exists: the path itself is made beside its place.</summary>
    public static string Above(string path)
    {
        var there = Whole(path);
        do there = Path.GetDirectoryName(there) ?? there;
        while (!Directory.Exists(there));
        return there;
    }

    private static string Whole(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    // What is there already may be the user's, or another run's.
    private static string Unfinished(string final)
    {
        var unfinished = final + DurableFile.UnfinishedSuffix;
        return Path.Exists(unfinished)
            ? throw new InputException(
                $"{unfinished}: found something there already, expected nothing: the folder is filled there first; "
                + "if no other run is writing it, delete it")
            : unfinished;
    }

    // Of a folder that is there the cause would only be that it is one.
    private static InputException CannotWrite(string path, Exception exception) =>
        FileCause.CannotWrite(Directory.Exists(path) ? Whole(path) + DurableFile.UnfinishedSuffix : path, exception);

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            // The first failure is the one to report.
        }
    }
}
