using Harness.Declarations;
using static Harness.Tests.Declarations.VariedExperiment;

namespace Harness.Tests.Declarations;

public sealed class DeclaredRowsTests : IDisposable
{
    private readonly VariedExperiment varied = new();

    public void Dispose() => varied.Dispose();

    [Fact]
    public void Rows_may_be_those_of_another_file()
    {
        const string Other = """
            target: Table2
            title: The same rows
            source: "a test"
            protocol: tf-token
            metrics: [seconds]
            datasets: [zsre]
            models: [llama2-7b]
            scales:
              embedded:
                seeds: [20]
                edits: 100
                datasets: { zsre: world-zsre }
                models: { llama2-7b: tiny-llama2 }
                editors-of: NAME
            """;
        varied.Declare("{ memit: { weight: 2 }, mend: {} }");
        varied.Write("dft/table2.yaml", Other.Replace("NAME", "table1", StringComparison.Ordinal));
        Assert.Equal(["memit", "mend"], varied.LoadAll().Find("Table2").Editors.Select(row => row.Name));
        Assert.Equal(2, Assert.IsType<VariedExperiment.BatchOptions>(varied.LoadAll().Find("Table2").Editors[0].Options).Weight);
        varied.Write("dft/table2.yaml", Other.Replace("NAME", "tabel1", StringComparison.Ordinal));
        Assert.StartsWith(
            "experiments/dft/table2.yaml(14,17): unknown experiment of this folder 'tabel1'; did you mean 'table1'?", varied.Mistake());
        varied.Write("dft/table2.yaml", Other.Replace("editors-of: NAME", "chosen-by: x", StringComparison.Ordinal));
        Assert.StartsWith("experiments/dft/table2.yaml(9,3): scale 'embedded': expected 'editors', 'editors-of' with the file whose rows "
            + "these are, or 'trace', found none of them.", varied.Mistake());
    }

    [Theory]
    [InlineData("generality", "'ranked-by': found 'generality' of 1 data set and 1 model at scale 'embedded', "
        + "expected one of 'metrics', one data set and one model.")]
    public void Ranks_need_a_metric_of_the_table(string metric, string expected) =>
        Assert.Contains(expected, varied.Declare("{ mend: {} }", head: $"ranked-by: {metric}").Mistake(), StringComparison.Ordinal);

    [Fact]
    public void A_figure_of_ranks_needs_ranks() => Assert.Contains(
        "figure 'ranks': found no 'ranked-by', which says by which metric rows stand; name one, or choose another figure",
        varied.Declare("{ mend: {} }", head: "figure: ranks").Mistake(), StringComparison.Ordinal);

    [Fact]
    public void One_axis_gives_each_entry_a_row_a_value_and_leaves_the_unedited_model_alone()
    {
        var table = varied.Declare(
            "{ original: {}, memit: {}, heavy: { editor: memit, weight: 9, value: { steps: 3 } } }",
            "vary: [ { axis: steps, option: value.steps, values: [10, 5], logarithmic: true } ]").Load();
        Assert.Equal(["original", "memit@10", "memit@5", "heavy@10", "heavy@5"], table.Editors.Select(row => row.Name));
        Assert.Equal(["original", "memit", "memit", "memit", "memit"], table.Editors.Select(row => row.Editor));
        Assert.Equal(["original", "memit", "memit", "heavy", "heavy"], table.Editors.Select(row => row.Series));
        var row = table.Editors[3];
        Assert.Equal([new AxisPlace("steps", "10")], row.At);
        Assert.Equal((9, 10), (Options(row).Weight, Options(row).Value.Steps));
        Assert.Equal(row.Options, table.OptionsFor("zsre", "llama2-7b", "heavy@10"));
        var axis = Assert.Single(table.Axes);
        Assert.Equal(("steps", true), (axis.Name, axis.IsLogarithmic));
        Assert.Equal(["10", "5"], axis.Values);
    }

    [Fact]
    public void Two_axes_make_every_combination_along_the_first_axis_first()
    {
        var table = varied.Declare("{ memit: {} }", """
            vary:
              - { axis: layer, option: layers, values: [1, 2], as-list: true }
              - { axis: weight, option: weight, values: [0.5, 3] }
            """, head: "figure: heat-map").Load();
        Assert.Equal(["memit@1,0.5", "memit@1,3", "memit@2,0.5", "memit@2,3"], table.Editors.Select(row => row.Name));
        Assert.Equal([new AxisPlace("layer", "2"), new AxisPlace("weight", "0.5")], table.Editors[2].At);
        Assert.Equal([2], Options(table.Editors[2]).Layers);
        Assert.Equal(0.5, Options(table.Editors[2]).Weight);
        Assert.Equal(["layer", "weight"], table.Axes.Select(axis => axis.Name));
    }

    [Fact]
    public void Rows_may_have_different_options_on_one_axis_or_none()
    {
        var table = varied.Declare("{ memit: {}, full-ft: {}, rome: { layer: 1 } }", """
            vary:
              - { axis: strength, option: weight, editors: [memit], values: [1, 2] }
              - { axis: strength, option: learning-rate, editors: [full-ft], values: [2, 4] }
            """).Load();
        Assert.Equal(["memit@1", "memit@2", "full-ft@2", "full-ft@4", "rome"], table.Editors.Select(row => row.Name));
        Assert.Equal(2, Options(table.Editors[1]).Weight);
        Assert.Equal(new SampleExperiments.TuningOptions { LearningRate = 4 }, table.Editors[3].Options);
        Assert.Equal(["1", "2", "4"], Assert.Single(table.Axes).Values);
        Assert.Empty(table.Editors[4].At);
    }

    [Fact]
    public void The_number_of_edits_is_an_axis_too()
    {
        var table = varied.Declare("{ original: {}, memit: {} }", "vary: [ { axis: edits, option: edits, values: [1, 100] } ]").Load();
        Assert.Equal([null, 1, 100], table.Editors.Select(row => row.Edits));
        Assert.Equal(20, Options(table.Editors[2]).Value.Steps);
    }

    [Theory]
    [InlineData("option: edits, values: [101]", "(15,16): row 'memit@101': found 101 edits, expected at most the 100 of scale 'embedded'.")]
    [InlineData("option: edits, values: [0]", "(16,48): axis 'a': found '0', expected a number of edits, at least 1.")]
    [InlineData("option: edits, values: [few]", "(16,48): axis 'a': found 'few', expected a number of edits, at least 1.")]
    [InlineData("option: wight, values: [1]", "(16,48): unknown key 'wight' in editor 'memit' of row 'memit@1'; did you mean 'weight'? "
        + "Known keys: layers, weight, batch-size, value.")]
    [InlineData("option: weight, values: [-1]", "(16,49): editor 'memit' of row 'memit@-1': weight: found -1, expected at least 0.")]
    [InlineData("option: weight, editors: [memt], values: [1]", "(16,50): unknown editor 'memt'; did you mean 'memit'? Known: memit.")]
    public void A_mistake_in_an_axis_is_named_with_its_place(string axis, string message) => Assert.Equal(
        "experiments/dft/table1.yaml" + message, varied.Declare("{ memit: {} }", $"vary: [ {{ axis: a, {axis} }} ]").Mistake());

    [Theory]
    [InlineData("{ heavy: { editor: memt } }", "(15,16): unknown editor 'memt'; " +
        "did you mean 'memit'? Known: original, rome, full-ft, memit, mend.")]
    [InlineData("{ heavy: { editor: [memit] } }", "(15,33): 'editor' of row 'heavy': found a list, expected a single value.")]
    [InlineData("{ heavy: {} }", "(15,16): unknown editor 'heavy'. Known: original, rome, full-ft, memit, mend.")]
    public void A_row_names_an_editor_or_is_one(string editors, string message) =>
        Assert.Contains("experiments/dft/table1.yaml" + message, varied.Declare(editors).Mistake());

    [Fact]
    public void The_command_line_sets_options_of_an_editor_s_rows_or_of_one()
    {
        varied.Declare("{ light: { editor: memit, weight: 2 }, heavy: { editor: memit, weight: 9 } }",
            "vary: [ { axis: steps, option: value.steps, values: [1, 2] } ]");
        Assert.Equal([7, 7, 7, 7], Weights(new() { Set = ["memit.weight=7"] }));
        Assert.Equal([2, 2, 7, 7], Weights(new() { Set = ["heavy.weight=7"] }));
        Assert.Equal([5, 5, 7, 7], Weights(new() { Set = ["heavy.weight=7", "memit.weight=5"] })); // the nearer one wins
        Assert.Equal("--set=hevy.weight=7: unknown editor 'hevy'; did you mean 'heavy'? Known: light, heavy, memit.",
            varied.Mistake(new() { Set = ["hevy.weight=7"] }));
    }

    [Fact]
    public void The_command_line_chooses_all_rows_of_an_entry_or_one()
    {
        varied.Declare("{ original: {}, memit: {}, rome: { layer: 1 } }", "vary: [ { axis: steps, option: value.steps, values: [1, 2] } ]");
        Assert.Equal(["original", "memit@1", "memit@2"], Rows(new() { Editors = ["memit", "original"] }));
        Assert.Equal(["memit@2", "rome@1", "rome@2"], Rows(new() { Editors = ["rome", "memit@2"] }));
        Assert.Equal("--editors: unknown editor 'memit@3'; did you mean 'memit@1'? Known: original, memit, rome, memit@1, " +
            "memit@2, rome@1, rome@2.",
            varied.Mistake(new() { Editors = ["memit@3"] }));
    }

    [Fact]
    public void Options_for_single_data_sets_reach_all_rows_of_an_entry()
    {
        var table = varied.Declare("{ memit: {} }", """
            vary: [ { axis: steps, option: value.steps, values: [1, 2] } ]
            overrides: [ { dataset: zsre, editor: memit, options: { weight: 4 } } ]
            """).Load();
        var options = Assert.IsType<BatchOptions>(table.OptionsFor("zsre", "llama2-7b", "memit@2"));
        Assert.Equal((4, 2), (options.Weight, options.Value.Steps));
    }

    [Fact]
    public void A_sequential_scale_turns_every_editor_sequential()
    {
        var table = varied.Declare("{ original: {}, memit: {} }", "edits-protocol: sequential\nedits-at-once: 10").Load();
        Assert.Equal(EditsProtocol.Sequential, table.Edits);
        Assert.Equal(10, Options(table.Editors[1]).BatchSize);
        Assert.Equal(1, Options(varied.Declare("{ memit: {} }", "edits-protocol: sequential").Load().Editors[0]).BatchSize);
        Assert.Null(Options(varied.Declare("{ memit: {} }").Load().Editors[0]).BatchSize);
    }

    [Fact]
    public void An_editor_that_cannot_be_sequential_is_one_error_at_its_row()
    {
        const string Sequential = "edits-protocol: sequential\nedits-at-once: 10";
        Assert.Equal(
            "experiments/dft/table1.yaml(15,27): editor 'rome': found edits-protocol sequential with 10 at once, " +
                "expected an editor that works so; "
            + "leave it out or change edits-at-once.", varied.Declare("{ memit: {}, rome: { layer: 1 } }", Sequential).Mistake());
        Assert.Equal("experiments/dft/table1.yaml(17,20): 'edits-at-once': found '0', expected at least 1.",
            varied.Declare("{ original: {} }", "edits-protocol: sequential\nedits-at-once: 0").Mistake());
    }

    [Fact]
    public void Where_nothing_stands_for_a_data_set_the_scale_does_without_it() =>
        Assert.Equal(["zsre"], varied.Declare("{ memit: {} }").Load().Datasets.Select(dataset => dataset.Name));

    [Fact]
    public void A_metric_of_another_protocol_is_refused()
    {
        Assert.Equal(
            "experiments/dft/table1.yaml(5,11): metric 'es' is measured under nll-pair, " +
                "the table's protocol is tf-token: a table may not mix protocols",
            varied.Declare("{ memit: {} }", metrics: "es").Mistake());
        Assert.Equal(
            "experiments/dft/table1.yaml(5,15): metric 'reliability' is measured under tf-token, tf-all, wild-em or wild-em-qa, " +
                "the table's protocol is nll-pair: a table may not mix protocols",
                varied.Declare("{ memit: {} }", metrics: "es, reliability", protocol: "nll-pair").Mistake());
    }

    [Fact]
    public void A_sweep_needs_an_axis_and_a_heat_map_two()
    {
        const string Where = "experiments/dft/table1.yaml(10,3): scale 'embedded': ";
        Assert.Equal(Where + "figure 'sweep': found 0 axes, expected at least 1; name them under 'vary', or choose another figure.",
            varied.Declare("{ memit: {} }", head: "figure: sweep").Mistake());
        const string Axis = "vary: [ { axis: steps, option: value.steps, values: [1, 2] } ]";
        Assert.Equal(FigureKind.Sweep, varied.Declare("{ memit: {} }", Axis, head: "figure: sweep").Load().Figure);
        Assert.Equal(Where + "figure 'heat-map': found 1 axes, expected at least 2; name them under 'vary', or choose another figure.",
            varied.Declare("{ memit: {} }", Axis, head: "figure: heat-map").Mistake());
    }

    [Fact]
    public void Options_say_which_sweep_chose_them()
    {
        foreach (var sweep in (string[])["memit", "rome"])
            varied.Write($"tuning/{sweep}.yaml",
                SampleExperiments.Table1.Replace("target: Table1", $"target: Tune-{sweep}", StringComparison.Ordinal));
        const string Rows = "{ original: {}, memit: { chosen-by: tuning/memit, weight: 2 }, rome: { layer: 1 } }";
        Assert.Equal([null, "tuning/memit", null], varied.Declare(Rows).Load().Editors.Select(row => row.ChosenBy));
        var chosen = varied.Declare(Rows, "chosen-by: tuning/rome").Load();
        Assert.Equal([null, "tuning/memit", "tuning/rome"], chosen.Editors.Select(row => row.ChosenBy));
        Assert.Equal(2, Options(chosen.Editors[1]).Weight);

        Assert.Equal("experiments/dft/table1.yaml(15,50): unknown sweep 'tuning/memt'; " +
            "did you mean 'tuning/memit'? Known: tuning/memit, tuning/rome.",
            varied.Declare(Rows.Replace("tuning/memit", "tuning/memt", StringComparison.Ordinal)).Mistake());
        Assert.Equal("experiments/dft/table1.yaml(16,16): unknown sweep 'rome'; " +
            "did you mean 'tuning/rome'? Known: tuning/memit, tuning/rome.",
            varied.Declare(Rows, "chosen-by: rome").Mistake()
                .Replace("'rome'. Known", "'rome'; did you mean 'tuning/rome'? Known", StringComparison.Ordinal));
    }

    private List<double> Weights(ExperimentOverrides overrides) => [.. varied.Load(overrides).Editors.Select(row => Options(row).Weight)];

    private IEnumerable<string> Rows(ExperimentOverrides overrides) => varied.Load(overrides).Editors.Select(row => row.Name);

    private static BatchOptions Options(EditorEntry row) => Assert.IsType<BatchOptions>(row.Options);
}
