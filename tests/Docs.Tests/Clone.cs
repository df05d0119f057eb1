using System.Reflection;

namespace Harness.Tests.Docs;

/// <summary>The folder of the sources, whose documents are tested.</summary>
internal static class Clone
{
    public static string Root { get; } =
        typeof(Clone).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "Root").Value!;

    /// <summary>The guides in ordinal order: docs/*.md, CONTRIBUTING.md and README.md, as paths below the root.</summary>
    public static TheoryData<string> Documents { get; } =
        [.. Below("docs", "*.md").Where(file => !file.Contains(".received.")), "CONTRIBUTING.md", "README.md"];

    public static string At(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(At(path));

    /// <summary>Files of one folder, as paths below the root, in ordinal order.</summary>
    public static IEnumerable<string> Below(string folder, string pattern, bool recursive = false) =>
        Directory.GetFiles(At(folder), pattern, recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
            .Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal);

    /// <summary>
    /// Holds a committed file that is made here against what it should be; where they differ, that is written beside it, to be moved over
    /// it.
    /// </summary>
    public static void AssertCommitted(string path, string expected)
    {
        var received = At(Path.ChangeExtension(path, ".received" + Path.GetExtension(path)));
        if (File.Exists(At(path)) && Read(path) == expected)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, expected);
        Assert.Fail($"{path} is not what the code gives; look at {received} and move it over the old one: mv {received} {At(path)}");
    }
}
