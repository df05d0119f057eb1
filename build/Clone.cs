namespace Harness.Build;

/// <summary>
/// The folder of the sources that the program was built from. Its own files lie there, wherever the user stands; paths that the user gives
/// are the user's.
/// </summary>
public static class Clone
{
    private const string Mark = "Harness.sln";

    /// <summary>The nearest folder above the program that holds the solution; the one that the user stands in where none does.</summary>
    public static string Root { get; } = Holding(new DirectoryInfo(AppContext.BaseDirectory)) ?? Environment.CurrentDirectory;

    /// <summary>A path below the root as whoever stands here writes it: relative where it lies below this place, whole elsewhere.</summary>
    public static string At(params ReadOnlySpan<string> parts)
    {
        var whole = Path.Combine([Root, .. parts]);
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, whole);
        return Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal) ? whole : relative;
    }

    private static string? Holding(DirectoryInfo? folder) =>
        folder is null ? null : File.Exists(Path.Combine(folder.FullName, Mark)) ? folder.FullName : Holding(folder.Parent);
}
