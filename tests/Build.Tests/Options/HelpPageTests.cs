using Harness.Build.Options;
using Harness.Declarations;

namespace Harness.Tests.Options;

public sealed class HelpPageTests
{
    [Fact]
    public void The_help_fits_one_screen_and_names_every_target_and_option()
    {
        var page = HelpPage.Lines(ExperimentCatalog.Sources(Path.Combine(AppContext.BaseDirectory, "Committed", "experiments"))).ToList();
        Assert.InRange(page.Count, 1, 45);
        Assert.All(page, line => Assert.InRange(line.Length, 0, 100));
        Assert.All(OptionList.Every.Where(option => option != OptionList.Help),
            option => Assert.Contains(page, line => line.Contains(option.Usage, StringComparison.Ordinal)));
        Assert.All(TargetKind.Names.Where(name => name != TargetKind.Default).Concat(["Study", "Tune", "EMMET", "LocFT-Table7", "Table1"]),
            name => Assert.Contains(page, line => line.Contains(name, StringComparison.Ordinal)));
        Assert.All((string[])["Study", "Tune", "Verify", "Test"],
            name => Assert.Contains(page, line => line.StartsWith($"  {name} ", StringComparison.Ordinal)));
        Assert.DoesNotContain(page, line => line.Contains("-Scores", StringComparison.Ordinal));
    }

    [Fact]
    public void Papers_stand_with_their_targets_and_neither_sweeps_nor_what_has_no_name_among_them()
    {
        var page = HelpPage.Lines(
        [
            new("Table1", "dft", "table1"), new("Tune-ROME", "tuning", "rome"), new("", "emmet", "broken"),
            new("LocFT-Table3", "locft", "table3"), new("LocFT-Table5", "locft", "table5"),
        ]).Skip(2).TakeWhile(line => !line.StartsWith("  Study", StringComparison.Ordinal));
        Assert.Equal(["  DFT        Table1", "  LocFT      LocFT-Table3 LocFT-Table5"], page);
    }

    [Fact]
    public void Many_targets_go_on_below_each_other_within_the_page()
    {
        var targets = Enumerable.Range(10, 20).Select(i => $"Paper-Table{i}").ToList();
        var page = HelpPage.Lines([.. targets.Select(target => new ExperimentSource(target, "paper", target))]).Skip(2)
            .TakeWhile(line => !line.StartsWith("  Study", StringComparison.Ordinal)).ToList();
        Assert.True(page.Count > 1);
        Assert.All(page, line => Assert.InRange(line.Length, 0, 100));
        Assert.StartsWith("  Paper      Paper-Table10 ", page[0], StringComparison.Ordinal);
        Assert.All(page.Skip(1), line => Assert.StartsWith(new string(' ', 13) + "Paper-Table", line, StringComparison.Ordinal));
        Assert.Equal(targets, page.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Skip(1));
    }

    // Two short ones stand on a line, the second from one column on.
    [Fact]
    public void Each_option_stands_once_with_what_it_does()
    {
        var page = HelpPage.Lines([]).ToList();
        Assert.All(OptionList.Every.Except([OptionList.Target, OptionList.Help]), option =>
        {
            var line = Assert.Single(page, line => line.Contains($"  {option.Usage,-17}  {option.Help}", StringComparison.Ordinal));
            Assert.Contains(line.IndexOf($"  {option.Usage} ", StringComparison.Ordinal), (int[])[0, 50]);
        });
        Assert.Equal("options of every target (the first of several values is the default):",
            page[page.FindIndex(line => line.Contains("--tree", StringComparison.Ordinal)) - 1]);
    }
}
