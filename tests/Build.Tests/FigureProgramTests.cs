using System.Runtime.Versioning;
using Harness.Build;

namespace Harness.Tests;

/// <summary>The program draws the committed reports.</summary>
[SupportedOSPlatform("linux")]
public sealed class FigureProgramTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("figures-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // Skia's objects are freed once .NET no longer uses them, which it cannot know in the middle of a call: a heap of 256 kB is collected
    // all the time.
    [Fact]
    public void Figures_are_drawn_whatever_is_collected_meanwhile()
    {
        foreach (var paper in (string[])["f-learning", "locft"])
        {
            var there = Directory.CreateDirectory(Path.Combine(folder, "embedded", paper)).FullName;
            foreach (var file in Directory.GetFiles(Path.Combine(Clone.Root, "results", "embedded", paper), "*.json"))
                File.Copy(file, Path.Combine(there, Path.GetFileName(file)));
        }

        var (exitCode, output, errors) =
            ProgramPathTests.Run(Clone.Root, [("DOTNET_GCgen0size", "0x40000")], "--target=Figures", $"--results={folder}");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.EndsWith($" reports in {Path.Combine(folder, "embedded")} drawn", output.TrimEnd(), StringComparison.Ordinal);
    }
}
