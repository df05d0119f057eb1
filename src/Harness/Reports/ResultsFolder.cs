namespace Harness.Reports;

/// <summary>Folders that reports are written to.</summary>
public static class ResultsFolder
{
    /// <summary>Tries whether a folder can be written, or made where it does not exist. Nothing stays behind.</summary>
    /// <exception cref="InputException">It cannot.</exception>
    public static void Check(string folder) => Guard(folder, () =>
    {
        var there = Path.GetFullPath(folder);
        while (!Directory.Exists(there) && !File.Exists(there))
            there = Path.GetDirectoryName(there)!;
        var trial = Path.Combine(there, $".trial-{Guid.NewGuid():N}");
        using var stream = new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
    });

    /// <summary>Makes a folder where it does not exist.</summary>
    /// <exception cref="InputException">It cannot be made.</exception>
    internal static void Make(string folder) => Guard(folder, () => Directory.CreateDirectory(folder));

    private static void Guard(string folder, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"results folder {folder}: cannot be written ({failure.Message.TrimEnd('.')}), "
                + "expected a folder to write to; make it writable or choose another with --results", failure);
        }
    }
}
