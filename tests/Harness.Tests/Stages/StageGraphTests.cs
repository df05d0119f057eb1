using Harness.Declarations;
using Harness.Stages;

namespace Harness.Tests.Stages;

public sealed class StageGraphTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("stage-graph-").FullName;

    public StageGraphTests()
    {
        Write("datasets.yaml", """
            worlds:
              people: { entities: 60, facts-per-entity: 4 }
            datasets:
              world-zsre: { world: people, schema: zsre }
              world-counterfact: { world: people, schema: counterfact }
            """);
        Write("names.yaml", """
            models: { llama: LLaMA-7B, llama2: LLaMA-2-7B }
            datasets: { zsre: zsRE, counterfact: CounterFact }
            """);
        Write("models.yaml", """
            tiny:
              tokenizer: { vocabulary-size: 300 }
              statistics-tokens: 100
              shape: { family: llama, width: 16, mlp-width: 32, layers: 2, heads: 2, key-value-heads: 2, max-positions: 64, tied-head: true }
              training: { epochs: 1, batch-size: 8, learning-rate: 1.0e-3 }
            """);
        Write("alpha/located.yaml",
            Experiment("Located", "[zsre, counterfact]", "[llama, llama2]", "{ original: {}, rome: { layer: 0 } }", "embedded"));
        Write("alpha/plain.yaml", Experiment("Plain", "[zsre]", "[llama]", "{ original: {} }", "embedded"));
        Write("beta/later.yaml", Experiment("Later", "[zsre]", "[llama]", "{ original: {} }", "small"));
    }

    [Fact]
    public void A_table_needs_scores_edits_statistics_models_and_data_in_that_order()
    {
        var tasks = Tasks();
        Assert.Equal(["Located-Scores"], tasks["Located"].DependsOn);
        Assert.Equal(["Located-Edits"], tasks["Located-Scores"].DependsOn);
        Assert.Equal(["Located-Statistics"], tasks["Located-Edits"].DependsOn);
        Assert.Equal(
            ["Model-llama-zsre", "Model-llama2-zsre", "Model-llama-counterfact", "Model-llama2-counterfact"],
                tasks["Located-Statistics"].DependsOn);
        Assert.Equal(["Data-counterfact"], tasks["Model-llama2-counterfact"].DependsOn);
        Assert.Empty(tasks["Data-counterfact"].DependsOn);
    }

    [Fact]
    public void Editors_without_statistics_edit_the_models_directly()
    {
        var tasks = Tasks();
        Assert.Equal(["Model-llama-zsre"], tasks["Plain-Edits"].DependsOn);
        Assert.DoesNotContain("Plain-Statistics", tasks.Keys);
    }

    [Fact]
    public void What_is_traced_has_no_editor_whose_statistics_it_needs()
    {
        Write("alpha/traced.yaml", Experiment("Traced", "[zsre]", "[llama]", "{}", "embedded")
            .Replace("editors: {}", "trace: { layers: [0] }", StringComparison.Ordinal)
            .Replace("[reliability]", "[indirect-effect]", StringComparison.Ordinal));
        Assert.Equal(["Model-llama-zsre"], Tasks()["Traced-Edits"].DependsOn);
    }

    [Fact]
    public void Experiments_share_the_tasks_of_models_and_data_sets()
    {
        var tasks = Tasks();
        Assert.Equal(["Located", "Plain"], tasks["Model-llama-zsre"].Experiments.Select(experiment => experiment.Target));
        Assert.Equal(["Located"], tasks["Model-llama2-zsre"].Experiments.Select(experiment => experiment.Target));
    }

    [Fact]
    public void A_paper_and_the_study_stand_for_their_experiments()
    {
        var tasks = Tasks();
        Assert.Equal(["Located", "Plain"], tasks["ALPHA"].DependsOn);
        Assert.Equal(["Located", "Plain"], tasks["Study"].DependsOn);
    }

    [Fact]
    public void A_paper_is_called_by_its_targets_and_sweeps_of_options_are_no_part_of_the_study()
    {
        foreach (var (file, target) in ((string, string)[])[
            ("dft/table1", "Table1"), ("emmet/figure", "EMMET-Figure"), ("f-learning/table1", "FLearning-Table1"),
            ("f-learning/table2", "FLearning-Table2"), ("locft/table3", "LocFT-Table3"), ("tuning/memit", "Tune-MEMIT"),
                ("tuning/rome", "Tune-ROME")])
        {
            Write($"{file}.yaml", Experiment(target, "[zsre]", "[llama]", "{ original: {} }", "embedded"));
        }

        var tasks = Tasks();
        Assert.Equal(
            ["ALPHA", "DFT", "EMMET", "FLearning", "LocFT", "Study"],
                tasks.Values.Where(task => task.Stage == Stage.Group).Select(task => task.Name));
        Assert.Equal(["Table1"], tasks["DFT"].DependsOn);
        Assert.Equal(["FLearning-Table1", "FLearning-Table2"], tasks["FLearning"].DependsOn);
        Assert.Equal(Stage.Report, tasks["Tune-MEMIT"].Stage);
        Assert.DoesNotContain("Tune", tasks.Keys);
        Assert.Equal(
            ["Located", "Plain", "Table1", "EMMET-Figure", "FLearning-Table1", "FLearning-Table2", "LocFT-Table3"],
                tasks["Study"].DependsOn);
    }

    [Fact]
    public void An_editor_that_is_trained_needs_the_stage_before_edits()
    {
        Write("alpha/trained.yaml", Experiment(
            "Trained", "[zsre]", "[llama]", "{ learnt: { editor: mend, training: { layers: [1] } } }", "embedded"));
        Assert.Equal(["Trained-Statistics"], Tasks()["Trained-Edits"].DependsOn);
    }

    [Fact]
    public void Verify_needs_the_scores_of_what_has_snapshots_and_writes_no_table()
    {
        var verify = Tasks(verified: "Plain")["Verify"];
        Assert.Equal(["Plain-Scores"], verify.DependsOn);
        Assert.Equal(["Plain"], verify.Experiments.Select(experiment => experiment.Target));
    }

    [Fact]
    public void A_paper_of_which_nothing_is_left_is_there_to_say_so()
    {
        Write("locft/table3.yaml", Experiment("LocFT-Table3", "[zsre]", "[llama]", "{ original: {} }", "small"));
        Write("emmet/table1.yaml", Experiment("EMMET-Table1", "[zsre]", "[llama]", "{ original: {} }", "small"));
        Write("emmet/figure.yaml", Experiment("EMMET-Figure", "[zsre]", "[llama]", "{ original: {} }", "embedded"));
        var tasks = Tasks();
        Assert.Equal(
            (Stage.Unavailable, "LocFT has no experiment left: LocFT-Table3 is not declared at scale 'embedded'; it has: small."),
            (tasks["LocFT"].Stage, tasks["LocFT"].Description));
        Assert.Equal(Stage.Group, tasks["EMMET"].Stage);
    }

    [Fact]
    public void An_experiment_of_another_scale_is_there_to_say_so()
    {
        var later = Tasks()["Later"];
        Assert.Equal(Stage.Unavailable, later.Stage);
        Assert.Equal("Later is not declared at scale 'embedded'; it has: small.", later.Description);
    }

    [Theory]
    [InlineData(Stage.Report, "Located", "ALPHA", "Study", "Tune-MEMIT", "nobody's", "Verify")]
    [InlineData(Stage.Scores, "Located-Scores")]
    [InlineData(Stage.Edits, "located-edits")]
    [InlineData(Stage.Statistics, "Located-Statistics")]
    [InlineData(Stage.Model, "Model-llama-zsre")]
    [InlineData(Stage.Data, "data-zsre")]
    public void A_targets_name_says_its_stage(Stage stage, params string[] targets) =>
        Assert.All(targets, target => Assert.Equal(stage, StageGraph.StageOf(target)));

    [Theory]
    [InlineData("Located", "Located", "located-scores", "Located-Edits", "Located-Statistics")]
    [InlineData("Located Plain", "alpha", "ALPHA")]
    [InlineData("Located Plain Later", "Study", "Verify")]
    [InlineData("", "Test", "Model-llama-zsre", "nobody's", "Tune")]
    public void A_target_needs_the_files_of_its_experiments(string experiments, params string[] targets) => Assert.All(targets, target =>
        Assert.Equal(
            experiments,
            string.Join(' ', StageGraph.SourcesOf(target, ExperimentCatalog.Sources(folder)).Select(source => source.Target))));

    [Theory]
    [InlineData("alpha/plain.yaml", "ALPHA")]
    [InlineData("alpha/plain.yaml", "Located-Scores")]
    [InlineData("alpha/plain.yaml", "data-zsre")]
    [InlineData("beta/later.yaml", "study")]
    [InlineData("beta/later.yaml", "clean")]
    public void A_target_that_is_another_tasks_name_is_an_error_with_its_file(string file, string target)
    {
        Write(file, Experiment(target, "[zsre]", "[llama]", "{ original: {} }", "embedded"));
        var catalog = ExperimentCatalog.Load(folder, "embedded", ExperimentOverrides.None);
        var tasks = StageGraph.Build(catalog, catalog.Unavailable, []);
        Assert.Contains($"{file}: 'target': found '{target}', which is another target's name, expected one of its own; rename it",
            Assert.Throws<InputException>(() => StageGraph.CheckNames(tasks, ["Clean"])).Message.Split(Environment.NewLine));
    }

    [Theory]
    [InlineData("--editors: unknown editor 'rome'. Known: original.", "Plain", new[] { "original", "rome" })]
    [InlineData("--set=rome.layer=1: unknown editor 'rome'. Known: original.", "Plain", new[] { "original" }, "rome.layer=1")]
    [InlineData("--set=rome.layer=1: unknown editor 'rome'. Known: original.", "Located", new[] { "original" }, "rome.layer=1")]
    [InlineData(null, "Located", null, "rome.layer=1")]
    [InlineData(null, "ALPHA", new[] { "rome" }, "rome.layer=1")]
    [InlineData(null, "Study", new[] { "rome" }, "rome.layer=1")]
    public void Editors_and_assignments_need_a_row_of_the_targets(string? message, string target, string[]? editors, params string[] set)
    {
        var asked = StageGraph.SourcesOf(target, ExperimentCatalog.Sources(folder)).ToList();
        var overrides = new ExperimentOverrides { Editors = editors, Set = set };
        Assert.Equal(message, (Record.Exception(
            () => ExperimentCatalog.Load(folder, "embedded", overrides, asked, withOthers: true)) as InputException)?.Message);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Dictionary<string, StageTask> Tasks(params string[] verified)
    {
        var catalog = ExperimentCatalog.Load(folder, "embedded", ExperimentOverrides.None);
        return StageGraph.Build(catalog, catalog.Unavailable, [.. catalog.Where(experiment => verified.Contains(experiment.Target))])
            .ToDictionary(task => task.Name);
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static string Experiment(string target, string datasets, string models, string editors, string scale) => $$"""
        target: {{target}}
        title: a sample
        source: "a test"
        protocol: tf-token
        metrics: [reliability]
        datasets: {{datasets}}
        models: {{models}}
        scales:
          {{scale}}:
            seeds: [1]
            edits: 5
            datasets: { {{Each(datasets, name => $"{name}: world-{name}")}} }
            models: { {{Each(models, name => $"{name}: tiny")}} }
            editors: {{editors}}
        """;

    private static string Each(string list, Func<string, string> entry) => string.Join(", ", list.Trim('[', ']').Split(", ").Select(entry));
}
