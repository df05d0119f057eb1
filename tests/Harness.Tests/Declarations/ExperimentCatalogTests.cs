using Harness.Declarations;
using static Harness.Tests.Declarations.SampleExperiments;

namespace Harness.Tests.Declarations;

public sealed class ExperimentCatalogTests : IDisposable
{
    private static readonly Dictionary<string, string> Tasks = new() { ["arc_easy"] = "a1", ["b"] = "b2" };
    private readonly SampleExperiments sample = new();

    public void Dispose() => sample.Dispose();

    [Fact]
    public void Resolves_everything_for_the_asked_scale()
    {
        var table = sample.LoadTable1();
        Assert.Equal(("Table1", "dft", "table1", "embedded", 20), (table.Target, table.Paper, table.Name, table.Scale, table.Seeds[0]));
        Assert.Equal(["original", "rome", "full-ft"], table.Editors.Select(editor => editor.Name));
        Assert.Null(table.Editors[0].Options);
        Assert.Equal(("world-zsre", "town", 120, 100),
            (table.Datasets[0].StandIn, table.Datasets[0].WorldName, table.Datasets[0].World!.Entities, table.Datasets[0].Options.Edits));
        var trained = Assert.IsType<TrainedModel>(table.Models[0].Source);
        Assert.Equal(("tiny-llama2", 1500, 20),
            (table.Models[0].StandIn, trained.Options.Shape.VocabularySize, trained.Options.Training.Epochs));
        Assert.Equal(93.85, table.Published["zsre"]["llama2-7b"]["rome"]["locality"]);
        Assert.Equal("DFT, Table 1", table.Claims[0].Source);
    }

    [Fact]
    public void A_real_file_has_no_world()
    {
        var zsre = sample.Load("small").Find("Table1").Datasets[0];
        Assert.Null(zsre.World);
        Assert.Equal(("zsre.json", 30, 50), (zsre.Options.File!.Mirror, zsre.Options.TextCount, zsre.Options.Edits));
    }

    [Fact]
    public void A_model_may_be_a_published_one()
    {
        var model = sample.LoadImported().Models[0];
        Assert.Equal(("org/llama", 30000), (Assert.IsType<ImportedModel>(model.Source).Options.Import.Id, model.StatisticsTokens));
    }

    [Theory]
    [InlineData("{ import: { id: org/llama, revision: main }, statistics-tokens: 1 }",
        "(1,1): 'tiny-llama2': import.revision: found 'main', expected a whole commit hash, 40 lower-case hexadecimal digits: "
        + "it is on the model's page under 'Files', 'History'")]
    [InlineData("{ import: { id: llama, revision: 0123456789012345678901234567890123456789 }, statistics-tokens: 1 }",
        "(1,1): 'tiny-llama2': import.id: found 'llama', expected organisation/name as in the model's address on huggingface.co")]
    [InlineData("{ import: { id: org/llama }, statistics-tokens: 1 }", "(1,24): missing key 'revision' in 'import' of model " +
        "'tiny-llama2'; expected text.")]
    [InlineData("{ import: { id: org/llama, revision: 0123456789012345678901234567890123456789 }, statistics-tokens: 1, training: {} }",
        "(1,117): unknown key 'training' in model 'tiny-llama2'. Known keys: import, statistics-tokens.")]
    public void A_mistake_in_a_published_model_is_named_with_its_place(string model, string message)
    {
        sample.Write("models.yaml", $"tiny-llama2: {model}");
        Assert.Equal("experiments/models.yaml" + message, Message(() => sample.Load()).Split('\n')[0]);
    }

    [Fact]
    public void Overrides_of_single_data_sets_change_only_what_they_name()
    {
        var table = sample.LoadTable1();
        Assert.Equal(new LocatingOptions { Layer = 2 }, table.OptionsFor("zsre", "llama2-7b", "rome"));
        Assert.Equal(new LocatingOptions { Layer = 2, Value = new Search(5) }, table.OptionsFor("counterfact", "llama2-7b", "rome"));
        Assert.Null(table.OptionsFor("zsre", "llama2-7b", "original"));
        Assert.Equal("Table1: no editor 'romme'; did you mean 'rome'?", Message(() => table.OptionsFor("zsre", "llama2-7b", "romme")));
    }

    [Fact]
    public void The_command_line_chooses_seed_editors_and_options()
    {
        var table = sample.LoadTable1(
            new() { Seed = 7, Edits = 9, Editors = ["full-ft", "rome"], Set = ["rome.layer=3", "rome.value.steps=9"] });
        Assert.Equal((7, 9, 9), (table.Seeds[0], table.Datasets[0].Options.Edits, table.Datasets[1].Options.Edits));
        Assert.Equal(["rome", "full-ft"], table.Editors.Select(editor => editor.Name));
        Assert.Equal(new LocatingOptions { Layer = 3, Value = new Search(9) }, table.OptionsFor("zsre", "llama2-7b", "rome"));
        Assert.Equal(new LocatingOptions { Layer = 3, Value = new Search(9) }, table.OptionsFor("counterfact", "llama2-7b", "rome"));
    }

    [Theory]
    [InlineData("rome.layr=3", "--set=rome.layr=3: unknown key 'layr' in editor 'rome'; did you mean 'layer'? Known keys: layer, value.")]
    [InlineData("rome.layer=x", "--set=rome.layer=x: 'layer' of editor 'rome': found 'x', expected a whole number.")]
    [InlineData("romme.layer=3", "--set=romme.layer=3: unknown editor 'romme'; did you mean 'rome'? Known: original, rome, full-ft.")]
    [InlineData("layer=3", "--set=layer=3: expected editor.option=value, for example --set=rome.layer=2.")]
    [InlineData("rome.layer=9", "--set=rome.layer=9: editor 'rome': found layer 9, of which it needs key statistics, " +
        "expected 0 to 3, the layers of model 'tiny-llama2'.")]
    public void A_wrong_setting_is_named_as_it_was_typed(string set, string message) =>
        Assert.Equal(message, Message(() => sample.LoadTable1(new() { Set = [set] })));

    [Fact]
    public void A_declared_layer_that_there_is_not_is_named_with_its_place()
    {
        sample.Write("dft/table1.yaml", Table1.Replace("rome: { layer: 2 }", "rome: { layer: 9 }", StringComparison.Ordinal));
        Assert.Equal(
            "experiments/dft/table1.yaml(20,7): editor 'rome': found layer 9, of which it needs key statistics, " +
                "expected 0 to 3, the layers of model 'tiny-llama2'.",
            Message(() => sample.LoadTable1(new() { Set = ["rome.value.steps=3"] })));
    }

    [Fact]
    public void An_unknown_editor_of_the_command_line_gets_the_nearest() => Assert.Equal(
        "--editors: unknown editor 'rom'; did you mean 'rome'? Known: original, rome, full-ft.",
        Message(() => sample.Load(overrides: new() { Editors = ["rom"] })));

    [Theory]
    [InlineData("zsre: world-zsre", "zsre: world-zsr",
        "(16,23): unknown data set 'world-zsr'; did you mean 'world-zsre'? Known: world-zsre, world-counterfact, zsre-500.")]
    [InlineData("models: { llama2-7b: tiny-llama2", "models: { llama2-7b: tiny-lama2",
        "(17,26): unknown model 'tiny-lama2'; did you mean 'tiny-llama2'? Known: tiny-llama2.\n"
        + "experiments/dft/table1.yaml(28,26): unknown model 'tiny-lama2'; did you mean 'tiny-llama2'? Known: tiny-llama2.")]
    [InlineData("{ zsre: world-zsre, ", "{ zsr: world-zsre, ",
        "(16,15): missing key 'zsre': nothing stands for this data set of the table at this scale.\n"
        + "experiments/dft/table1.yaml(16,17): unknown data set of the table 'zsr'; did you mean 'zsre'? Known: zsre, counterfact.")]
    [InlineData("full-ft: { learning", "full-f: { learning",
        "(21,7): unknown editor 'full-f'; did you mean 'full-ft'? Known: original, rome, full-ft.")]
    [InlineData("original: {}\n", "original: { layer: 1 }\n", "(19,19): unknown key 'layer' in editor 'original'. Known keys: none.")]
    [InlineData("steps: 5", "steps: 0", "(23,74): editor 'rome': value.steps: found 0, expected at least 1.")]
    [InlineData("dataset: counterfact,", "dataset: counterfacts,",
        "(23,20): unknown data set 'counterfacts'; did you mean 'counterfact'? Known: zsre, counterfact.")]
    [InlineData("tf-token", "tf-tokn",
        "(5,11): 'protocol' of experiment: unknown name 'tf-tokn'; did you mean 'tf-token'? Known: tf-token, tf-all, wild-em, " +
            "wild-em-qa, nll-pair.")]
    [InlineData("generality, ", "generalty, ",
        "(7,24): unknown metric 'generalty'; did you mean 'generality'? Known: reliability, reliability-each, generality, "
        + "generality-each, locality, locality-each, portability, portability-each, logical-generalisation, "
        + "logical-generalisation-each, compositionality-i, compositionality-i-each, compositionality-ii, compositionality-ii-each, "
        + "subject-aliasing, subject-aliasing-each, preservation, preservation-each, relation-specificity, relation-specificity-each, "
        + "multi-hop, multi-hop-each, instance-wise, instance-wise-each, retention, harmonic-mean, es, em, ps, pm, ns, nm, s, ge, "
        + "capability, " +
            "recall-same-subject, recall-same-relation, recall-unrelated, perplexity-ratio, kl, change, "
        + "change-attention, change-mlp, changed-numbers, updates, rounds, old-size, old-cosine, indirect-effect, seconds, memory, ratio.")]
    [InlineData("that: full-ft.", "that: fullft.", "(11,13): dft/table1: claim 'fullft.reliability > rome.reliability': "
        + "unknown editor 'fullft'; did you mean 'full-ft'? Known editors: original, rome, full-ft.")]
    [InlineData("table: table1", "table: table9", "(4,37): unknown table 'table9'; did you mean 'table1'? Known: table1.")]
    [InlineData("file: dft.yaml", "file: dfft.yaml",
        "(4,20): unknown published file 'dfft.yaml'; did you mean 'dft.yaml'? Known: dft.yaml.")]
    [InlineData("file: dft.yaml", "file: ../dft/table1.yaml",
        "(4,20): 'file' of 'published': found '../dft/table1.yaml', expected the name of a file in experiments/published.")]
    [InlineData("file: dft.yaml", "file: /etc/hosts",
        "(4,20): 'file' of 'published': found '/etc/hosts', expected the name of a file in experiments/published.")]
    [InlineData("target: Table1", "target: Table 1",
        "(1,9): 'target': found 'Table 1', expected a name of letters and digits, for example Table1.")]
    [InlineData("edits: 100", "edits: 0", "(15,12): 'edits' of scale 'embedded': found '0', expected at least 1.")]
    public void A_mistake_in_an_experiment_is_named_with_its_place(string before, string after, string message)
    {
        Assert.Contains(before, Table1, StringComparison.Ordinal);
        sample.Write("dft/table1.yaml", Table1.Replace(before, after, StringComparison.Ordinal));
        Assert.Equal("experiments/dft/table1.yaml" + message, Message(() => sample.Load()));
    }

    [Fact]
    public void Mistakes_at_other_scales_and_in_unused_stand_ins_show_at_once()
    {
        sample.Write("dft/table1.yaml", Table1.Replace("layer: 1", "layer: one", StringComparison.Ordinal));
        sample.Write("models.yaml",
            "spare: { tokenizer: { vocabulary-size: 9 }, statistics-tokens: 1, shape: {}, training: { epochs: 0 } }");
        var lines = Message(() => sample.Load()).Split('\n');
        Assert.Contains(lines, line =>
            line.StartsWith("experiments/dft/table1.yaml(29,45): 'layer' of editor 'rome': found 'one'", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("missing key 'family' in the shape of model 'spare'", StringComparison.Ordinal));
        Assert.Contains(lines, line =>
            line.StartsWith("experiments/models.yaml(1,1): 'spare': training options: epochs is 0", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("unknown model 'tiny-llama2'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("models.yaml", "a: [", "(2,1): not valid YAML")]
    [InlineData("names.yaml", "- a", "(1,1): found a list, expected keys and values.")]
    [InlineData("datasets.yaml", "worlds: {}", "(1,1): missing key 'datasets' in the data sets' file; expected keys and values.")]
    public void A_broken_file_is_told_without_what_experiments_then_lack(string file, string text, string message)
    {
        sample.Write(file, text);
        sample.Write("dft/table1.yaml", Table1.Replace("seed: 20", "seed: x", StringComparison.Ordinal));
        var line = Assert.Single(Message(() => sample.Load()).Split('\n'));
        Assert.StartsWith($"experiments/{file}{message}", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_shows_capability_shows_the_tasks_behind_its_own_metrics()
    {
        Assert.Equal(["capability", "reliability", "task-arc_easy", "task-b"], Shown("capability, reliability"));
        Assert.Equal(["task-b", "capability", "task-arc_easy"], Shown("task-b, capability"));
        Assert.Equal(["reliability", "task-b"], Shown("reliability, task-b"));
        Assert.Equal(["reliability"], Shown("reliability"));

        IReadOnlyList<string> Shown(string metrics)
        {
            Declare(metrics);
            return sample.LoadTable1(new() { Tasks = Tasks }).Metrics;
        }
    }

    [Fact]
    public void A_declared_task_that_is_not_there_is_named_and_other_tables_go_on()
    {
        Declare("reliability, task-arc_esy");
        sample.Write("emmet/other.yaml", Table1.Replace("target: Table1", "target: Other", StringComparison.Ordinal));
        Assert.Equal(
            "Table1 shows task-arc_esy: found no HARNESS_TASKS, expected a folder with the task 'arc_esy'; set it",
            Message(() => sample.LoadTable1()));
        Assert.Equal(
            "Table1 shows task-arc_esy: found no task 'arc_esy' in HARNESS_TASKS, expected one of arc_easy, b; " +
                "put it there or correct the declaration; did you mean 'arc_easy'?",
            Message(() => sample.LoadTable1(new() { Tasks = Tasks })));
        Assert.Equal(["Other"], sample.Load().Select(experiment => experiment.Target));
        Declare("reliability, task-");
        Assert.Contains("unknown metric 'task-'", Message(() => sample.Load()), StringComparison.Ordinal);
    }

    [Fact]
    public void An_experiment_that_lacks_the_scale_says_which_it_has()
    {
        sample.Write("emmet/sizes.yaml", Table1.Replace("target: Table1", "target: Sizes", StringComparison.Ordinal)
            .Replace("  small:", "  paper:", StringComparison.Ordinal));
        var catalog = sample.Load("small");
        Assert.Equal(["Table1"], catalog.Select(experiment => experiment.Target));
        Assert.Equal("Sizes is not declared at scale 'small'; it has: embedded, paper.", Message(() => catalog.Find("Sizes")));
        Assert.Equal("unknown target 'Tabel1'; did you mean 'Table1'? Targets: Table1, Sizes.", Message(() => catalog.Find("Tabel1")));
        Assert.Equal("Table1 is not declared at scale 'smal'; it has: embedded, small.", Message(() => sample.Load("smal").Find("Table1")));
    }

    [Fact]
    public void An_experiment_without_any_of_the_chosen_editors_is_left_out()
    {
        sample.Write("emmet/sizes.yaml", Table1.Replace("target: Table1", "target: Sizes", StringComparison.Ordinal)
            .Replace("full-ft: { learning-rate: 2e-3 }", "", StringComparison.Ordinal)
                .Replace("full-ft.reliability >", "original.reliability <", StringComparison.Ordinal));
        var catalog = sample.Load(overrides: new() { Editors = ["full-ft"] });
        Assert.Equal(["Table1"], catalog.Select(experiment => experiment.Target));
        Assert.Equal("Sizes has none of the editors of --editors; it has: original, rome.", Message(() => catalog.Find("Sizes")));
    }

    [Fact]
    public void A_claim_about_an_editor_that_a_scale_lacks_is_left_out_there()
    {
        Assert.Single(sample.Load().Find("Table1").Claims);
        Assert.Empty(sample.Load("small").Find("Table1").Claims);
        Assert.Empty(sample.Load(overrides: new() { Editors = ["rome"] }).Find("Table1").Claims);
    }

    [Fact]
    public void Targets_are_unique_and_stray_files_are_errors()
    {
        sample.Write("f-learning/table1.yaml", Table1);
        sample.Write("table2.yaml", Table1);
        Assert.Equal(
            "experiments/f-learning/table1.yaml(1,9): duplicate target 'Table1'; it stands in experiments/dft/table1.yaml(1,9) already.\n"
            + "experiments/table2.yaml: an experiment belongs into its paper's folder, experiments/<paper>/table2.yaml.",
            Message(() => sample.Load()));
    }

    [Fact]
    public void Capitals_make_no_other_target()
    {
        sample.Write("f-learning/table1.yaml", Table1.Replace("target: Table1", "target: TABLE1", StringComparison.Ordinal));
        Assert.Equal(
            "experiments/f-learning/table1.yaml(1,9): duplicate target 'TABLE1'; it stands in experiments/dft/table1.yaml(1,9) already.",
            Message(() => sample.Load()));
    }

    [Fact]
    public void A_file_is_known_by_its_target_and_read_only_where_it_is_asked_for()
    {
        sample.Write("emmet/broken.yaml", "# a comment\ntarget: \"Broken\" # so\nmetrics: [");
        sample.Write("emmet/wrong.yaml", Table1.Replace("target: Table1", "target: Wrong", StringComparison.Ordinal)
            .Replace("layer: 2", "layr: 2", StringComparison.Ordinal).Replace("layer: 1", "layer: 9", StringComparison.Ordinal));
        var sources = ExperimentCatalog.Sources(sample.Folder);
        Assert.Equal([new("Table1", "dft", "table1"), new("Broken", "emmet", "broken"), new("Wrong", "emmet", "wrong")], sources);

        Assert.Equal(["Table1"], Load([sources[0]]).Select(experiment => experiment.Target));
        Assert.Empty(Load([sources[0]]).PassedOver);
        var all = Load([], withOthers: true);
        Assert.Equal(["Table1"], all.Select(experiment => experiment.Target));
        Assert.Collection(all.PassedOver,
            line => Assert.Matches(@"^experiments/emmet/broken\.yaml\(\d,\d+\): .*; passed over$", line),
            line => Assert.Matches(@"^experiments/emmet/wrong\.yaml\(20,15\): unknown key 'layr' .* \(and \d more\); passed over$", line));
        Assert.StartsWith("experiments/emmet/broken.yaml(", Message(() => Load([sources[1]])), StringComparison.Ordinal);
        Assert.DoesNotContain("wrong.yaml", Message(() => Load([sources[1]])), StringComparison.Ordinal);
        Assert.Equal(2, Message(() => sample.Load()).Split('\n').Select(line => line.Split('(')[0]).Distinct().Count());

        ExperimentCatalog Load(ExperimentSource[] asked, bool withOthers = false) =>
            ExperimentCatalog.Load(sample.Folder, "embedded", ExperimentOverrides.None, SampleExperiments.Registry, asked, withOthers);
    }

    [Fact]
    public void A_target_that_stands_on_no_line_of_its_own_cannot_be_asked_for()
    {
        sample.Write("dft/table1.yaml", Table1.Replace("target: Table1", "target:\n  Table1", StringComparison.Ordinal));
        Assert.Equal("", Assert.Single(ExperimentCatalog.Sources(sample.Folder)).Target);
        Assert.Equal(
            "experiments/dft/table1.yaml(2,3): 'target': expected on a line of its own, target: Table1.", Message(() => sample.Load()));
    }

    [Fact]
    public void A_missing_folder_is_said_in_one_line() => Assert.Equal(
        "nowhere: no such folder; expected the folder of the experiments' YAML files. Run from the repository's root.",
        Message(() => ExperimentCatalog.Load("nowhere", "embedded", ExperimentOverrides.None)));

    // Without the claims, which are about other metrics.
    private void Declare(string metrics) => sample.Write("dft/table1.yaml", string.Join('\n', Table1.Split('\n').Where(line =>
        !line.StartsWith("claims:", StringComparison.Ordinal) && !line.StartsWith("  - { that:", StringComparison.Ordinal)))
        .Replace("metrics: [reliability, generality, locality]", $"metrics: [{metrics}]", StringComparison.Ordinal));

    private static string Message(Func<object?> action) => Assert.Throws<InputException>(action).Message;
}
