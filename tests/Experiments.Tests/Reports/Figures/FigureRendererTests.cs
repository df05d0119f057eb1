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
        {
            ReportWriter.Write(Examples.Report(), WriterTests.Somewhere, Path.Combine(folder, copy), FigureFactAttribute.Folder);

            // The next one is drawn again.
            Forget(Kept(File.ReadAllText(Path.Combine(folder, copy, "table1.svg"))));
        }

        foreach (var name in new[] { "table1.svg", "table1.png" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder, "a", name)), File.ReadAllBytes(Path.Combine(folder, "b", name)));

        var svg = File.ReadAllText(Path.Combine(folder, "a", "table1.svg"));
        string[] texts = ["Two editors on two models", ">zsre<", ">llama-7b<", ">rome<", ">published<", "reliability (%)"];
        Assert.All(texts, text => Assert.Contains(text, svg));
        Assert.Equal([0x89, .. "PNG"u8], File.ReadAllBytes(Path.Combine(folder, "a", "table1.png"))[..4]);
    }

    [FigureFact]
    public void A_figure_that_was_drawn_before_is_taken_from_where_it_is_kept_and_another_is_not()
    {
        var (svg, png) = (Path.Combine(folder, "a.svg"), Path.Combine(folder, "a.png"));
        var renderer = new FigureRenderer(FigureFactAttribute.Folder!);
        var figure = ReportFigure.Of(Examples.Report()) with { Title = $"Kept {Guid.NewGuid()}" };
        renderer.Render(figure, svg, png);
        var file = Kept(File.ReadAllText(svg));

        // Told apart by a mark: the second time nothing is drawn.
        File.WriteAllText(file, "kept");
        renderer.Render(figure, svg, png);
        Assert.Equal("kept", File.ReadAllText(svg));
        renderer.Render(figure with { Title = figure.Title + "!" }, svg, png);
        Assert.NotEqual("kept", File.ReadAllText(svg));
        Forget(file);
        Forget(Kept(File.ReadAllText(svg)));
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

    // Where the renderer keeps this drawing. Other tests draw at the same time.
    private static string Kept(string svg) => Directory.GetFiles(Path.Combine(FigureFactAttribute.Folder!, "node_modules", ".cache", "figures"), "*.svg")
        .Single(file => File.ReadAllText(file) == svg);

    private static void Forget(string file)
    {
        File.Delete(Path.ChangeExtension(file, ".png"));
        File.Delete(file);
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
