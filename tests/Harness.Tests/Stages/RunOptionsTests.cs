using Harness.Declarations;
using Harness.Planning;
using Harness.Stages;

namespace Harness.Tests.Stages;

public sealed class RunOptionsTests
{
    private static readonly ExperimentSource Table1 = new("Table1", "dft", "table1");

    [Fact]
    public void What_is_declared_goes_to_the_folder_of_its_scale_and_paper()
    {
        Assert.Equal(Path.Combine("r", "embedded", "dft"), Folder(new()));
        Assert.Equal(Path.Combine("r", "paper", "dft"), Folder(new() { Device = KeyContext.Cuda }, "paper"));
    }

    [Fact]
    public void Every_custom_run_has_a_folder_of_its_own()
    {
        ExperimentOverrides[] runs =
        [
            new() { Seed = 3 }, new() { Seed = 4 }, new() { Edits = 3 },
            new() { Editors = ["rome"] }, new() { Editors = ["rome", "memit"] },
            new() { Set = ["rome.layer=1"] }, new() { Set = ["rome.layer=2"] }, new() { Seed = 3, Set = ["rome.layer=1"] },
            new() { Device = KeyContext.Cuda }, new() { IsFast = true }, new() { Seed = 3, IsFast = true },
            new() { Tasks = new Dictionary<string, string> { ["arc"] = "a" } },
            new() { Tasks = new Dictionary<string, string> { ["arc"] = "b" } },
        ];
        string[] folders = [.. runs.Select(run => Folder(run)), Folder(runs[0], "small")];
        Assert.Equal(folders.Length, folders.Distinct().Count());
        Assert.All(folders, folder => Assert.Matches(@"^r.custom.Table1-[0-9a-f]{8}$", folder));
        Assert.NotEqual(Folder(runs[0]), Options(runs[0]).FolderOf(Table1 with { Target = "Table2" }));
    }

    [Fact]
    public void The_order_of_rows_and_values_makes_no_other_folder() => Assert.Equal(
        Folder(new() { Editors = ["rome", "memit"], Set = ["rome.layer=1", "memit.layers=[1]"] }),
        Folder(new() { Editors = ["memit", "rome"], Set = ["memit.layers=[1]", "rome.layer=1"] }));

    private static string Folder(ExperimentOverrides overrides, string scale = "embedded") => Options(overrides, scale).FolderOf(Table1);

    private static RunOptions Options(ExperimentOverrides overrides, string scale = "embedded") =>
        new() { Scale = scale, Overrides = overrides, Store = "s", Results = "r", Scratch = "a", Sources = "." };
}
