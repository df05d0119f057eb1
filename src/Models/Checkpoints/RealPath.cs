namespace Harness.Models.Checkpoints;

/// <summary>Paths as the file system follows them: through every link.</summary>
public static class RealPath
{
    // More than any file system follows.
    private const int MostLinks = 64;

    // Systems on which two names that differ only in case are, unless somebody chose otherwise, one file.
    private static readonly StringComparison Comparison =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>
    /// A path with <c>~</c> written out: shells leave it as it is in quotes and, some, behind <c>=</c>. A name that begins with one is
    /// <c>./~name</c>.
    /// </summary>
    /// <exception cref="InputException">It names another user's folder.</exception>
    public static string WithHome(string path)
    {
        if (!path.StartsWith('~')) return path;
        var end = path.IndexOfAny(['/', Path.DirectorySeparatorChar]);
        var user = path[1..(end < 0 ? path.Length : end)];
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return user.Length == 0 && home.Length > 0 ? home + path[1..] : throw new InputException(
            $"{path}: found ~{user}, which only a shell can look up, expected a path; " +
                $"write the folder out, or ./~{user} for a name that begins so");
    }

    /// <summary>The full path through the links of every part that exists, without a separator at its end.</summary>
    /// <exception cref="InputException">Its links lead in a circle.</exception>
    public static string Resolve(string path)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        var parts = new Stack<string>();
        Push(full[real.Length..]);
        for (var links = 0; parts.TryPop(out var part);)
        {
            if (part is "." or "..")
            {
                real = part == ".." ? Path.GetDirectoryName(real) ?? real : real;
                continue;
            }

            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
                throw new InputException($"{path}: found links that lead in a circle, expected a folder; remove the link {next}");
            if (Path.IsPathRooted(target)) real = Path.GetPathRoot(Path.GetFullPath(target))!;
            Push(target[(Path.GetPathRoot(target)?.Length ?? 0)..]);
        }

        return real;

        void Push(string some)
        {
            foreach (var part in some.Split(
                [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse())
                parts.Push(part);
        }
    }

    /// <summary>Whether a path is a folder, or lies in it, whatever links either goes through. Neither has to exist.</summary>
    /// <exception cref="InputException">As <see cref="Resolve"/>.</exception>
    public static bool IsInside(string path, string folder)
    {
        var (inner, outer) = (Resolve(path), Resolve(folder));
        return inner.Equals(outer, Comparison)
            || inner.StartsWith(Path.EndsInDirectorySeparator(outer) ? outer : outer + Path.DirectorySeparatorChar, Comparison);
    }
}
