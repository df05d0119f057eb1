using System.Text.Json.Nodes;
using Harness.Experiments.Reports;
using Harness.Experiments.Reports.Figures;

namespace Harness.Tests.Reports.Figures;

public sealed class FigureRendererTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("figure-tests").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Missing_packages_are_named_with_the_command_that_installs_them()
    {
        File.WriteAllText(Path.Combine(folder, "spec.vl.json"), "{}");
        var figure = new Figure("", [], 1, []);
        var error = Assert.Throws<InputException>(() => new FigureRenderer(folder).Render("spec.vl.json", figure, "a.svg", "a.png"));
        Assert.Equal($"{folder}: the packages that draw figures are not installed; run 'npm ci' in that folder.", error.Message);
    }

    [FigureFact]
    public void The_same_report_gives_the_same_bytes_twice()
    {
        foreach (var copy in new[] { "a", "b" })
            ReportWriter.Write(Examples.Report(), WriterTests.Somewhere, Path.Combine(folder, copy), FigureFactAttribute.Folder);
        foreach (var name in new[] { "table1.svg", "table1.png" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder, "a", name)), File.ReadAllBytes(Path.Combine(folder, "b", name)));

        var svg = File.ReadAllText(Path.Combine(folder, "a", "table1.svg"));
        string[] texts = ["Two editors on two models", ">zsre<", ">llama-7b<", ">rome<", ">published<", "reliability (%)"];
        Assert.All(texts, text => Assert.Contains(text, svg));
        Assert.Equal([0x89, .. "PNG"u8], File.ReadAllBytes(Path.Combine(folder, "a", "table1.png"))[..4]);
    }

    [FigureFact]
    public void A_specification_that_does_not_draw_is_an_error_in_one_line()
    {
        var figure = new Figure("t", [], 1, [new JsonObject { ["x"] = 1 }]);
        var file = Path.Combine(folder, "a");
        var renderer = new FigureRenderer(FigureFactAttribute.Folder!);
        var error = Assert.Throws<InputException>(() => renderer.Render("package.json", figure, file, file));
        Assert.StartsWith($"{Path.Combine(FigureFactAttribute.Folder!, "package.json")}: drawing failed: ", error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }
}

/// <summary>A test that needs Node.js packages; skipped where <c>npm ci</c> has not run in experiments/figures.</summary>
public sealed class FigureFactAttribute : FactAttribute
{
    public FigureFactAttribute() => Skip = Folder is null ? "run 'npm ci' in experiments/figures to draw figures" : Skip;

    /// <summary>The renderer's folder with its packages, above the test's own, or null.</summary>
    public static string? Folder { get; } =
        Above(new DirectoryInfo(AppContext.BaseDirectory)) ?? Above(new DirectoryInfo(Environment.CurrentDirectory));

    private static string? Above(DirectoryInfo? folder)
    {
        for (; folder is not null; folder = folder.Parent)
        {
            var figures = Path.Combine(folder.FullName, "experiments", "figures");
            if (Directory.Exists(Path.Combine(figures, "node_modules"))) return figures;
        }

        return null;
    }
}
