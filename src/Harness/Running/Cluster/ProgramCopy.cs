namespace Harness.Running.Cluster;

/// <summary>
/// A clone that holds the program and the declarations alone, for runs that neither a build nor an edit of the real one is to reach.
/// </summary>
public static class ProgramCopy
{
    /// <summary>Makes one.</summary>
    /// <param name="clone">Its folder; what an earlier copy left there is replaced.</param>
    /// <param name="program">Folder of the built program.</param>
    /// <param name="declarations">Folder that <c>experiments</c> lies in.</param>
    /// <returns>The copied program.</returns>
    /// <exception cref="IOException">It cannot be copied; or <see cref="UnauthorizedAccessException"/>.</exception>
    public static string Make(string clone, string program, string declarations)
    {
        var target = Path.Combine(clone, "artifacts", "bin", "Build", "release");
        if (Directory.Exists(clone)) Directory.Delete(clone, recursive: true);
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(program))
        {
            // Packages stay where they are: the folder holds links to them.
            var name = Path.GetFileName(file);
            var link = name.StartsWith("Harness", StringComparison.Ordinal) ? null : File.ResolveLinkTarget(file, returnFinalTarget: true);
            if (link is null) File.Copy(file, Path.Combine(target, name));
            else File.CreateSymbolicLink(Path.Combine(target, name), link.FullName);
        }

        // By it the program knows the clone.
        File.WriteAllText(Path.Combine(clone, "Harness.sln"), "");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(declarations, "experiments"), "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(clone, Path.GetRelativePath(declarations, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return Path.Combine(target, "Harness.Build.dll");
    }
}
