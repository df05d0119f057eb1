namespace Harness.Models.Checkpoints;

/// <summary>Writes folders that are either wholly there or not there at all.</summary>
public static class DurableFolder
{
    /// <summary>
    /// Fills a folder beside <paramref name="path"/> and renames it into place. Where anything fails, nothing unfinished stays behind.
    /// </summary>
    /// <param name="path">Must not exist yet, or be an empty folder.</param>
    /// <param name="fill">Is given the folder to write into.</param>
    /// <exception cref="InputException">The folder cannot be written: no space, no permission, read-only …</exception>
    public static void Write(string path, Action<string> fill)
    {
        var final = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var unfinished = final + DurableFile.UnfinishedSuffix;
        try
        {
            Remove(unfinished);
            Directory.CreateDirectory(unfinished);
            fill(unfinished);
            if (Directory.Exists(final)) Directory.Delete(final);
            Directory.Move(unfinished, final);
        }
        catch (Exception exception)
        {
            Remove(unfinished);
            if (FileCause.Explains(exception)) throw FileCause.CannotWrite(path, exception);
            throw;
        }
    }

    /// <summary>Tries whether a folder can be made or written; nothing stays behind.</summary>
    /// <exception cref="InputException">It cannot.</exception>
    public static void CheckWritable(string path)
    {
        var there = Existing(path);
        try
        {
            var trial = Path.Combine(there, $".trial-{Guid.NewGuid():N}");
            using var stream = new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (FileCause.Explains(exception))
        {
            throw FileCause.CannotWrite(path, exception);
        }
    }

    /// <summary>The nearest folder above a path, or the path itself, that exists.</summary>
    public static string Existing(string path)
    {
        var there = Path.GetFullPath(path);
        while (!Directory.Exists(there)) there = Path.GetDirectoryName(there)!;
        return there;
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
