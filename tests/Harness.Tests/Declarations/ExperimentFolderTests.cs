using Harness.Declarations;

namespace Harness.Tests.Declarations;

public sealed class ExperimentFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("LocFT-Table3", "locft", "LocFT", false)]
    [InlineData("EMMET-Sequential-Large", "emmet", "EMMET", false)]
    [InlineData("Table1", "dft", "DFT", false)]
    [InlineData("Tune-ROME", "tuning", "Tune", true)]
    [InlineData("Sizes", "tuning", "Tune", true)]
    public void A_papers_target_is_its_targets_first_word_or_its_folder(string target, string paper, string group, bool isSweep)
    {
        var source = new ExperimentSource(target, paper, "file");
        Assert.Equal((group, isSweep), (source.Group, source.IsSweep));
    }

    [Theory]
    [InlineData("target: Table1", "Table1")]
    [InlineData("# first\ntitle: a\ntarget: 'LocFT-Table3'  # so\n", "LocFT-Table3")]
    [InlineData("target:\tA\r\ntarget: B", "A")]
    [InlineData("scales: { a: b\ntarget: A\n", "A")]
    [InlineData("  target: A", "")]
    [InlineData("target: Table 1", "")]
    [InlineData("#target: A", "")]
    [InlineData("", "")]
    public void A_file_is_known_by_its_line_of_the_target_and_nothing_else_of_it_is_read(string text, string target)
    {
        folder.Write("dft/table1.yaml", text);
        Assert.Equal([new ExperimentSource(target, "dft", "table1")], ExperimentFolder.Sources(folder.Path));
    }

    [Fact]
    public void Files_are_listed_in_ordinal_order_below_their_papers_and_published_numbers_are_none()
    {
        foreach (var file in (string[])["b/Z.yaml", "b/a.yaml", "B/x.yaml", "a/a.yml", "a/deep/c.yaml", "published/b.yaml", "names.yaml"])
            folder.Write(file, "target: T");
        Assert.Equal(["B/x", "b/Z", "b/a"], ExperimentFolder.Sources(folder.Path).Select(source => $"{source.Paper}/{source.Name}"));
        Assert.Empty(ExperimentFolder.Sources(Path.Combine(folder.Path, "nowhere")));
    }
}
