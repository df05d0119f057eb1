namespace Harness.Tests;

/// <summary>A folder of its own for one test, removed with everything in it.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("harness-");

    public string File(string name) => Path.Combine(folder.FullName, name);

    public IEnumerable<string> Names() => folder.EnumerateFileSystemInfos().Select(item => item.Name).Order(StringComparer.Ordinal);

    public void Dispose() => folder.Delete(recursive: true);
}
