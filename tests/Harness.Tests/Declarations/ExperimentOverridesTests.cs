using Harness.Declarations;

namespace Harness.Tests.Declarations;

public sealed class ExperimentOverridesTests : IDisposable
{
    private readonly SampleExperiments sample = new();

    public void Dispose() => sample.Dispose();

    [Fact]
    public void What_changes_a_declaration_is_custom_and_the_machine_is_not()
    {
        Assert.False(ExperimentOverrides.None.IsCustom);
        Assert.False(new ExperimentOverrides { Device = "cuda", IsFast = true }.IsCustom);
        Assert.All(
            (ExperimentOverrides[])
            [
                new() { Seed = 1 }, new() { Edits = 1 }, new() { Editors = [] }, new() { Set = ["rome.layer=1"] },
                new() { Tasks = new Dictionary<string, string> { ["arc"] = "a1" } },
            ], changed => Assert.True(changed.IsCustom));
    }

    [Fact]
    public void Assignments_are_merged_into_what_is_declared_and_the_last_one_wins()
    {
        var table = sample.LoadTable1(
            new() { Set = ["rome.value={steps: 3}", "rome.layer=1", "rome.layer=0", "full-ft.learning-rate=1e-4"] });
        Assert.Equal(new SampleExperiments.LocatingOptions { Layer = 0, Value = new(3) }, table.OptionsFor("zsre", "llama2-7b", "rome"));
        Assert.Equal(new SampleExperiments.TuningOptions { LearningRate = 1e-4 }, table.OptionsFor("zsre", "llama2-7b", "full-ft"));
    }

    [Theory]
    [InlineData("rome")]
    [InlineData("rome=1")]
    [InlineData("=1")]
    [InlineData(".layer=1")]
    [InlineData("rome. =1")]
    [InlineData("rome..steps=1")]
    public void An_assignment_needs_an_editor_an_option_and_a_value(string set) => Assert.Equal(
        $"--set={set}: expected editor.option=value, for example --set=rome.layer=2.", Message(set));

    [Fact]
    public void A_value_that_is_no_YAML_is_told_as_it_was_typed() =>
        Assert.StartsWith("--set=rome.layer=[1", Message("rome.layer=[1"), StringComparison.Ordinal);

    [Fact]
    public void A_mistake_inside_a_value_is_told_at_the_whole_of_it() => Assert.All(
        Message("rome.value={step: 3}").Split(Environment.NewLine),
        line => Assert.Matches("^--set=rome.value={step: 3}: (unknown key 'step'|missing key 'steps') in ", line));

    [Fact]
    public void A_very_long_or_deep_assignment_is_cut_in_the_message()
    {
        var deep = "rome." + string.Concat(Enumerable.Repeat("a.", 1000)) + "b=1";
        Assert.Equal($"--set={deep[..200]}…: expected editor.option=value, for example --set=rome.layer=2.", Message(deep));
    }

    private string Message(string set) => Assert.Throws<InputException>(() => sample.LoadTable1(new() { Set = [set] })).Message;
}
