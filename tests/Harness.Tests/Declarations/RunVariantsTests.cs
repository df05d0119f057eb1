using Harness.Declarations;

namespace Harness.Tests.Declarations;

public sealed class RunVariantsTests
{
    private readonly List<string> errors = [];

    [Fact]
    public void Without_lists_there_is_one_run()
    {
        Assert.Equal([""], Names(null));
        Assert.Equal(["--seed=3 --set=memit.layers=[1,2] --set=rome.value.steps=3"],
            Names("3", "memit.layers=[1,2],rome.value.steps=3"));
        Assert.Empty(errors);
    }

    [Fact]
    public void Seeds_and_values_give_a_run_for_each_combination() => Assert.Equal(
        [
            "--seed=1 --set=rome.layer=1 --set=memit.layers=[1]", "--seed=1 --set=rome.layer=1 --set=memit.layers=[1,2]",
            "--seed=1 --set=rome.layer=2 --set=memit.layers=[1]", "--seed=1 --set=rome.layer=2 --set=memit.layers=[1,2]",
            "--seed=2 --set=rome.layer=1 --set=memit.layers=[1]", "--seed=2 --set=rome.layer=1 --set=memit.layers=[1,2]",
            "--seed=2 --set=rome.layer=2 --set=memit.layers=[1]", "--seed=2 --set=rome.layer=2 --set=memit.layers=[1,2]",
        ],
        Names("1,2", "rome.layer=1,2", "memit.layers=[1],[1,2]"));

    [Theory]
    [InlineData("ike.fact-label='a, b',\"c, d\"", "'a, b'", "\"c, d\"")]
    [InlineData("rome.value={ steps: 1, rate: 2 }, { steps: 2 }", "{ steps: 1, rate: 2 }", "{ steps: 2 }")]
    [InlineData("memit.layers=[[1,2],[3]]", "[[1,2],[3]]")]
    public void A_comma_in_brackets_braces_or_quotes_separates_no_values(string assignment, params string[] values) => Assert.Equal(
        values.Select(value => $"--set={assignment.Split('=')[0]}={value}"), Names(null, assignment));

    [Theory]
    [InlineData("--seed: found 'x', expected a whole number of at least 0, or several: --seed=1,2,3", "1,x")]
    [InlineData("--seed: found '', expected a whole number of at least 0, or several: --seed=1,2,3", "1,")]
    [InlineData("--seed: found '-1', expected a whole number of at least 0, or several: --seed=1,2,3", "-1")]
    [InlineData("--seed: found '2' twice; leave one out", "2,3,2")]
    [InlineData("--set=rome.layer=1,,2: found an empty value in the list, expected one on each side of a comma", null, "rome.layer=1,,2")]
    [InlineData("--set=rome.layer=1,1: found '1' twice; leave one out", null, "rome.layer=1,1")]
    [InlineData("--set: found 'rome.layer=1' and 'rome.layer=2', expected one assignment; leave the others out, "
        + "or write rome.layer=1,2 to run each", null, "rome.layer=1", "rome.layer=2")]
    [InlineData("--seed and --set: found 120 runs or more, expected at most 100; ask for fewer values at once",
        "1,2,3,4,5,6,7,8,9,10", "a.b=1,2,3,4,5,6,7,8,9,10,11,12")]
    public void A_wrong_list_says_what_was_expected(string message, string? seeds, params string[] set)
    {
        _ = Names(seeds, set);
        Assert.Equal([message], errors);
    }

    [Fact]
    public void Mistakes_of_all_runs_are_told_at_once_before_any_begins()
    {
        using var sample = new SampleExperiments();
        var runs = RunVariants.Of(new(), [], ["rome.layer=1,99,98"], errors);
        var message = Assert.Throws<InputException>(() => RunVariants.Load(runs, run => sample.Load(overrides: run))).Message;
        Assert.Contains("99", message, StringComparison.Ordinal);
        Assert.Contains("98", message, StringComparison.Ordinal);
        Assert.Equal(message.Split('\n').Distinct().Count(), message.Split('\n').Length);
    }

    [Theory]
    [InlineData("rome.layer=99")]
    [InlineData("rome.layer=abc")]
    [InlineData("rome.value.steps=0")]
    public void An_assignment_is_refused_once_for_however_many_rows(string assignment)
    {
        using var sample = new SampleExperiments();
        sample.Write("dft/table1.yaml", SampleExperiments.Table1.Replace(
            "rome: { layer: 2 }", "rome: { layer: 2 }\n      other: { editor: rome, layer: 1 }", StringComparison.Ordinal));
        sample.Write("dft/table2.yaml", SampleExperiments.Table1.Replace("Table1", "Table2", StringComparison.Ordinal));
        var runs = RunVariants.Of(new(), [1, 2], [assignment], errors);
        var message = Assert.Throws<InputException>(() => RunVariants.Load(runs, run => sample.Load(overrides: run))).Message;
        Assert.StartsWith($"--set={assignment}: ", Assert.Single(message.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void The_declared_seed_is_no_variant()
    {
        using var sample = new SampleExperiments();
        var declared = sample.LoadTable1(new()).Seeds[0];
        Assert.False(sample.LoadTable1(new() { Seed = declared }).Overrides.IsCustom);
        Assert.True(sample.LoadTable1(new() { Seed = declared + 1 }).Overrides.IsCustom);
        Assert.True(sample.LoadTable1(new() { Seed = declared, Set = ["rome.layer=1"] }).Overrides.IsCustom);
    }

    private Action<string> Of(string option) => mistake => errors.Add($"{option}: {mistake}");

    private IEnumerable<string> Names(string? seeds, params string[] set) => RunVariants.Of(
        new(), RunVariants.Seeds(seeds, Of("--seed")), RunVariants.Assignments(set, Of("--set")), errors).Select(RunVariants.NameOf);
}
