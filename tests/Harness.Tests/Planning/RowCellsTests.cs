using Harness.Measuring.Cells;
using Harness.Measuring.Metrics;
using Harness.Planning;
using Harness.Tests.Declarations;

namespace Harness.Tests.Planning;

/// <summary>The cells behind rows: what they share, and what a metric or a protocol of edits asks for.</summary>
public sealed class RowCellsTests : IDisposable
{
    private static readonly KeyContext Context = new((_, _) => new Dictionary<string, string>(), "1.13.1", "f00");

    private readonly VariedExperiment varied = new();

    public void Dispose() => varied.Dispose();

    [Fact]
    public void Capability_is_asked_of_the_edit_that_is_scored()
    {
        var plan = Plan("{ original: {}, memit: {} }", metrics: "reliability, capability");
        Assert.Equal(
            ["score original", "capability original", "statistics layers-0", "edit memit", "score memit", "capability memit"], Names(plan));
        var (original, memit) = (plan.Rows[0], plan.Rows[1]);
        Assert.Same(memit.Edit, memit.Capability!.Inputs["edit"]);
        Assert.Same(memit.Score.Inputs["model"], original.Capability!.Inputs["model"]);
        Assert.Null(original.Edit);
        Assert.Equal([original.Score, original.Capability, memit.Score, memit.Capability], plan.Results);
        Assert.All(Plan("{ memit: {} }").Rows, row => Assert.Null(row.Capability));
    }

    [Theory]
    [InlineData("capability", true)]
    [InlineData("recall-unrelated", true)]
    [InlineData("perplexity-ratio", true)]
    [InlineData("kl", true)]
    [InlineData("change", false)]
    [InlineData("reliability-each", false)]
    public void Only_what_is_asked_besides_the_edits_is_a_capability(string metric, bool asked) =>
        Assert.Equal(asked, Plan("{ memit: {} }", metrics: metric).Rows[0].Capability is not null);

    [Fact]
    public void Tasks_are_asked_where_capability_is_and_known_by_their_content()
    {
        var (none, a, b) = (Asked(null), Asked("a1"), Asked("b2"));
        Assert.Equal("{}", none.Options.ToJsonString());
        Assert.Equal("""{"tasks":{"arc_easy":"a1"}}""", a.Options.ToJsonString());
        Assert.Equal(3, new[] { none.Key, a.Key, b.Key }.Distinct().Count());
        Assert.Equal(Asked("a1").Key, a.Key);
        Assert.Equal(none.Key, Asked("a1", "reliability, recall-unrelated").Key);
        Assert.Equal(a.Key, Asked("a1", "task-arc_easy").Key);

        // What else is shown is computed from the same cells as without tasks.
        Assert.Equal(none.Inputs["edit"].Key, a.Inputs["edit"].Key);

        PlannedCell Asked(string? content, string metrics = "capability")
        {
            var tasks = content is null ? [] : new Dictionary<string, string> { ["arc_easy"] = content };
            var experiment = varied.Declare("{ memit: {} }", metrics: metrics).Load(new() { Tasks = tasks });
            return Harness.Planning.Plan.Build(experiment, Context, VariedExperiment.Registry).Rows[0].Capability!;
        }
    }

    [Fact]
    public void Scores_right_after_each_edit_are_the_edit_s()
    {
        var each = Plan("{ memit: {} }", metrics: "reliability-each");
        Assert.Equal(new ScoringOptions(Protocol.TfToken), Options<EditOptions>(each.Rows[0].Edit!).Each);
        var without = Plan("{ memit: {} }");
        Assert.Null(Options<EditOptions>(without.Rows[0].Edit!).Each);
        Assert.NotEqual(without.Rows[0].Edit!.Key, each.Rows[0].Edit!.Key);
        Assert.Equal(Keys(without, CellKind.Statistics), Keys(each, CellKind.Statistics));
    }

    [Fact]
    public void Texts_are_generated_where_their_entropy_is_shown()
    {
        Assert.True(Options<ScoreOptions>(Plan("{ memit: {} }", metrics: "es, ge", protocol: "nll-pair").Rows[0].Score).Scoring.Generation);
        Assert.False(Options<ScoreOptions>(Plan("{ memit: {} }", metrics: "es", protocol: "nll-pair").Rows[0].Score).Scoring.Generation);
    }

    [Fact]
    public void Single_edits_are_one_cell_instead_of_edit_and_score()
    {
        var plan = Plan("{ original: {}, memit: {}, mend: {} }", "edits-protocol: single");
        Assert.Equal(["score original", "statistics layers-0", "singleedits memit", "training mend", "singleedits mend"], Names(plan));
        Assert.Equal(["dataset", "model", "statistics"], plan.Rows[1].Score.Inputs.Keys);
        Assert.Equal(["dataset", "model", "training"], plan.Rows[2].Score.Inputs.Keys);
        Assert.All(plan.Rows, row => Assert.Null(row.Edit));
        var options = Options<SingleEditsOptions>(plan.Rows[1].Score);
        Assert.Equal(("memit", Protocol.TfToken, null), (options.Editor, options.Scoring.Protocol, options.Edits));
    }

    [Fact]
    public void Timed_rows_are_one_cell_with_what_all_of_them_need()
    {
        var plan = Plan(
            "{ original: {}, full-ft: {}, memit: {}, wide: { editor: memit, layers: [2] }, mend: {}, long: { editor: mend, " +
                "training: { steps: 9 } } }",
            metrics: "seconds, ratio");
        Assert.Equal(["statistics layers-0-2", "training mend", "training mend", "timing times"], Names(plan));
        var cell = Assert.Single(plan.Results);
        Assert.Equal(["dataset", "model", "statistics", "trainings/mend", "trainings/long"], cell.Inputs.Keys);
        Assert.NotSame(cell.Inputs["trainings/mend"], cell.Inputs["trainings/long"]);
        Assert.Equal(["full-ft", "memit", "wide", "mend", "long"], plan.Rows.Select(row => row.Editor));
        Assert.All(plan.Rows, row => Assert.Same(cell, row.Score));
        var options = Options<TimingOptions>(cell);
        Assert.Equal([100, 100, 100, 100, 100], options.Rows.Select(row => row.Edits));
        Assert.Equal(3, options.Rounds);
    }

    [Fact]
    public void Traced_rows_are_one_cell_of_the_unedited_model()
    {
        var plan = Plan("{}", "trace: { layers: [0, 2], window: 1, facts: 7 }", metrics: "indirect-effect");
        Assert.Equal(["trace trace"], Names(plan));
        Assert.Equal(3 * 2 * 6, plan.Rows.Count);
        Assert.Contains("mlp@2,last-subject", plan.Rows.Select(row => row.Editor));
        var cell = Assert.Single(plan.Results);
        Assert.Equal(["dataset", "model"], cell.Inputs.Keys);
        Assert.Equal("""{"tracing":{"facts":7,"layers":[0,2],"noise":3,"samples":10,"window":1}}""", cell.Options.ToJsonString());
        Assert.Equal(["layer", "position"], plan.Experiment.Axes.Select(axis => axis.Name));
        Assert.Equal(["hidden", "mlp", "attention"], plan.Experiment.Editors.Select(row => row.Series).Distinct());
    }

    [Theory]
    [InlineData("{}", "trace: { layers: [] }", "indirect-effect", "'layers' is [], expected at least one from 0, none twice.")]
    [InlineData("{ memit: {} }", "trace: { layers: [0] }", "indirect-effect",
        "expected 'editors', 'editors-of' with the file whose rows these are, or 'trace', found several of them.")]
    [InlineData("{}", "trace: { layers: [0] }", "reliability",
        "'trace' takes the place of editors: expected 'indirect-effect' as the only metric.")]
    [InlineData("{ memit: {} }", "", "indirect-effect",
        "metric 'indirect-effect' needs 'trace', which says how states are traced.")]
    public void A_mistake_in_what_is_traced_is_named(string editors, string more, string metrics, string expected) =>
        Assert.EndsWith(
            expected, Assert.Throws<InputException>(() => Plan(editors, more, metrics: metrics)).Message.Split('\n')[0],
            StringComparison.Ordinal);

    [Fact]
    public void Rows_of_one_editor_share_its_training_unless_it_is_another()
    {
        var plan = Plan("{ mend: {}, quick: { editor: mend, rate: 9 }, long: { editor: mend, training: { steps: 9 } } }");
        var trainings = plan.Rows.Select(row => row.Edit!.Inputs["training"].Key).ToList();
        Assert.Equal(trainings[0], trainings[1]);
        Assert.NotEqual(trainings[0], trainings[2]);
        Assert.Equal(2, plan.Cells.Count(cell => cell.Kind == CellKind.Training));
        Assert.Equal("""{"steps":5}""", Options<EditorTrainingOptions>(plan.Rows[0].Edit!.Inputs["training"]).Options.ToJsonString());
    }

    [Fact]
    public void Fewer_edits_are_the_same_data_and_model()
    {
        var all = Plan("{ memit: {} }");
        var plan = Plan("{ original: {}, memit: {} }", "vary: [ { axis: edits, option: edits, values: [1, 100] } ]");
        Assert.Equal([null, 1, 100], plan.Rows.Select(row => Options<ScoreOptions>(row.Score).Edits));
        Assert.Equal([1, 100], plan.Rows.Skip(1).Select(row => Options<EditOptions>(row.Edit!).Edits));
        foreach (var kind in (CellKind[])[CellKind.World, CellKind.Dataset, CellKind.Tokenizer, CellKind.Model, CellKind.Statistics])
            Assert.Equal(Keys(all, kind), Keys(plan, kind));
        Assert.Equal(3, plan.Rows.Select(row => row.Score.Key).Distinct().Count());
    }

    [Fact]
    public void Rows_of_the_same_options_are_one_edit()
    {
        var plan = Plan("{ memit: {}, same: { editor: memit, weight: 1 }, other: { editor: memit, weight: 2 } }");
        Assert.Same(plan.Rows[0].Edit, plan.Rows[1].Edit);
        Assert.NotSame(plan.Rows[0].Edit, plan.Rows[2].Edit);
        Assert.Equal(["memit", "same", "other"], plan.Rows.Select(row => row.Editor));
    }

    private Plan Plan(string editors, string scale = "", string metrics = "reliability", string protocol = "tf-token") =>
        Harness.Planning.Plan.Build(varied.Declare(editors, scale, metrics, protocol: protocol).Load(), Context, VariedExperiment.Registry);

    // Without what every plan begins with, and without the place.
    private static IEnumerable<string> Names(Plan plan) =>
        plan.Cells.Skip(4).Select(cell => cell.Name.Replace("zsre/llama2-7b/", "", StringComparison.Ordinal));

    private static IEnumerable<string> Keys(Plan plan, CellKind kind) =>
        plan.Cells.Where(cell => cell.Kind == kind).Select(cell => cell.Key);

    private static T Options<T>(PlannedCell cell) => CanonicalJson.FromNode<T>(cell.Options);
}
