using Harness.Declarations;
using Harness.Measuring.Yaml;
using Harness.Tests.Declarations;
using Harness.Tuning;
using static Harness.Tests.Declarations.VariedExperiment;

namespace Harness.Tests.Tuning;

public sealed class ChosenOptionsTests : IDisposable
{
    private const string Chosen = """
        memit: { tiny-llama2: { layers: [2], weight: 30, value: { steps: 50 } } }
        memit-often: { tiny-llama2: { layers: [1], weight: 7 } }
        """;

    private readonly VariedExperiment varied = new();

    public void Dispose() => varied.Dispose();

    [Fact]
    public void A_tuned_row_takes_what_was_chosen_for_its_model_and_its_own_options_win()
    {
        varied.Write("tuning/chosen.embedded.yaml", Chosen);
        var experiment = varied.Declare(
            "{ memit: { tuned: true, weight: 5 }, often: { editor: memit, tuned: memit-often }, rome: { tuned: false, layer: 1 } }",
            "overrides: [ { editor: often, dataset: zsre, options: { value: { steps: 3 } } } ]").Load();
        var memit = Options(experiment, "memit");
        Assert.Equal((2, 5, 50), (Assert.Single(memit.Layers), memit.Weight, memit.Value.Steps));
        var often = Options(experiment, "often");
        Assert.Equal((1, 7, 3), (Assert.Single(often.Layers), often.Weight, often.Value.Steps));
        Assert.Equal(["tuning/spaces.yaml: memit", "tuning/spaces.yaml: memit-often", null],
            experiment.Editors.Select(row => row.ChosenBy));
    }

    [Fact]
    public void An_axis_and_the_command_line_win_over_what_was_chosen()
    {
        varied.Write("tuning/chosen.embedded.yaml", Chosen);
        varied.Declare("{ memit: { tuned: true } }", "vary: [ { axis: w, option: weight, values: [1, 2] } ]");
        Assert.Equal([1, 2], varied.Load().Editors.Select(row => Options(varied.Load(), row.Name).Weight));
        Assert.Equal([[0], [0]], varied.Load(ExperimentOverrides.None with { Set = ["memit.layers=[0]"] }).Editors.Select(
            row => ((BatchOptions)varied.Load(ExperimentOverrides.None with { Set = ["memit.layers=[0]"] })
                .OptionsFor("zsre", "llama2-7b", row.Name)!).Layers));
    }

    [Fact]
    public void Where_nothing_was_chosen_the_row_says_to_run_the_search()
    {
        Assert.Equal(
            "experiments/dft/table1.yaml(15,16): 'tuned': found nothing chosen for 'memit' on 'tiny-llama2' in "
            + "experiments/tuning/chosen.embedded.yaml; run ./build.sh --target=Tune --scale=embedded --editors=memit --models=tiny-llama2"
            + ", or write the options into the row.",
            varied.Declare("{ memit: { tuned: true } }").Mistake());
        Assert.Equal(
            "experiments/dft/table1.yaml(15,35): 'tuned': found it for 'original', expected an editor's row; leave it out.",
            varied.Declare("{ original: { tuned: true } }").Mistake());
    }

    [Fact]
    public void What_was_chosen_is_checked_like_any_option()
    {
        varied.Write("tuning/chosen.embedded.yaml", "memit: { tiny-llama2: { weight: -1 } }");
        Assert.Equal("experiments/tuning/chosen.embedded.yaml(1,33): editor 'memit': weight: found -1, expected at least 0.",
            varied.Declare("{ memit: { tuned: true } }").Mistake());
        varied.Write("tuning/chosen.embedded.yaml", "memit: [1]");
        Assert.Contains("experiments/tuning/chosen.embedded.yaml(1,8): space 'memit': found a list, expected keys and values.",
            varied.Mistake().Split('\n'));
    }

    [Fact]
    public void The_file_is_sorted_reads_back_and_keeps_what_a_search_did_not_touch()
    {
        using var folder = new TemporaryFolder();
        var errors = new DeclarationErrors();
        var file = folder.Write("chosen.embedded.yaml", Chosen);
        var chosen = ChosenOptions.Read(file, file, "embedded", errors);
        chosen.Set("a", "tiny-bloom",
            (YamlMap)YamlReader.ReadValue("{ text: \"true\", rate: 1.0e-3, of: { layers: [0, 1] } }", "x", errors)!);
        chosen.Keep(new HashSet<(string, string)> { ("a", "tiny-bloom"), ("memit", "tiny-llama2") });
        Assert.Equal(
            """
            # yaml-language-server: $schema=../schema/chosen.schema.json
            # Written by ./build.sh --target=Tune --scale=embedded, not by hand: results/embedded/tuning/search.md says how.
            a:
              tiny-bloom: { text: "true", rate: 0.001, of: { layers: [0, 1] } }
            memit:
              tiny-llama2: { layers: [2], weight: 30, value: { steps: 50 } }

            """,
            chosen.ToText());
        folder.Write("chosen.embedded.yaml", chosen.ToText());
        Assert.Equal(chosen.ToText(), ChosenOptions.Read(file, file, "embedded", errors).ToText());
        errors.ThrowIfAny();
    }

    private static BatchOptions Options(Experiment experiment, string row) =>
        Assert.IsType<BatchOptions>(experiment.OptionsFor("zsre", "llama2-7b", row));
}
