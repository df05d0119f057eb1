using System.Text.Json.Nodes;
using Harness.Measuring.Cells;
using Harness.Planning;
using Harness.Running;
using Harness.Tests.Declarations;

namespace Harness.Tests.Running;

public sealed class ExplanationTests : IDisposable
{
    private static readonly KeyContext Context = new(Code("a"), "1.13.1", "f00");

    private readonly SampleExperiments sample = new();
    private readonly TemporaryFolder folder = new();
    private readonly CellStore store;

    public ExplanationTests()
    {
        store = new CellStore(folder.Path);
        foreach (var cell in Plan().Cells)
            SampleCells.Store(store, cell);
    }

    public void Dispose()
    {
        sample.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_finished_plan_is_reused() =>
        Assert.All(Explain(Plan()).Cells, one => Assert.Equal($"{one.Cell.Name}: reused", one.ToString()));

    [Fact]
    public void A_changed_option_is_named_with_both_values() => Assert.Equal(
        [
            "statistics zsre/llama2-7b/layers-1: to compute: not in the store yet",
            "edit zsre/llama2-7b/rome: to compute: input statistics changed, option 'layer' changed 2 → 1",
            "score zsre/llama2-7b/rome: to compute: input edit changed",
        ],
        Unfinished(Plan(set: "rome.layer=1")));

    [Fact]
    public void A_nested_option_is_named_by_its_path() => Assert.Equal(
        ["edit zsre/llama2-7b/rome: to compute: option 'value.steps' changed 20 → 3",
            "score zsre/llama2-7b/rome: to compute: input edit changed"],
        Unfinished(Plan(set: "rome.value.steps=3")));

    [Fact]
    public void Changed_code_is_named() => Assert.Equal(
        ["edit zsre/llama2-7b/rome: to compute: code of Harness.Editing.Editors.Rome changed",
            "score zsre/llama2-7b/rome: to compute: input edit changed"],
        Unfinished(Plan(Context with { CodeOf = Code("e") })));

    [Fact]
    public void Libtorch_numerics_and_seed_are_named_with_both_values()
    {
        Assert.Contains(
            "model zsre/llama2-7b: to compute: libtorch changed 1.13.1 → 2.6, numerics class changed f00 → bar",
            Unfinished(Plan(Context with { Libtorch = "2.6", Numerics = "bar" })));
        Assert.Contains("world town: to compute: seed changed 20 → 21", Unfinished(Plan(seed: 21)));
    }

    [Fact]
    public void What_only_finished_cells_are_made_from_is_not_needed()
    {
        var tokenizer = Plan().Cells.Single(cell => cell.Name.StartsWith("tokenizer", StringComparison.Ordinal));
        Directory.Delete(Path.Combine(store.Folder, tokenizer.Key), recursive: true);
        Assert.Equal(["tokenizer zsre/llama2-7b: not needed"], Unfinished(Plan()));
    }

    [Fact]
    public void Options_that_are_none_are_no_difference_of_their_own() => Assert.Equal(
        ["option 'tasks.arc' changed nothing → a1"],
        Explanation.Differences(Parts("""{ "options": {} }"""), Parts("""{ "options": { "tasks": { "arc": "a1" } } }"""))
            .Select(change => change.Text));

    [Fact]
    public void Parts_of_the_key_are_named_whatever_they_are() => Assert.Equal(
        ["compiler changed 1 → 2", "sources of Harness.Editing.Rome changed", "sources of Harness.Models changed"],
        Explanation.Differences(
            Parts("""{ "compiler": "1", "sources": { "Harness.Editing.Rome": "a", "Harness.Models": "b" } }"""),
            Parts("""{ "compiler": "2", "sources": { "Harness.Editing.Rome": "c" } }""")).Select(change => change.Text));

    [Fact]
    public void The_summary_of_a_finished_run_is_one_line() =>
        Assert.Equal(["8 cells: 8 reused, 0 to compute"], Summary(Plan()));

    [Fact]
    public void A_summary_counts_cells_by_reason_and_those_behind_them_once()
    {
        Assert.Equal(
            ["8 cells: 5 reused, 3 to compute in about 3 s with 2 workers", "  code of Harness.Editing.Editors.Rome changed: 1 cell",
                "  not in the store yet: 1 cell", "  only inputs changed: 1 cell", "  option 'layer' changed 2 → 1: 1 cell"],
            Summary(Plan(Context with { CodeOf = Code("e") }, "rome.layer=1")));
        Assert.Equal(
            ["8 cells: 5 reused, 3 to compute in about 3 s with 2 workers", "  not in the store yet: 1 cell",
                "  only inputs changed: 1 cell", "  option 'layer' changed 2 → 1: 1 cell"],
            Summary(Plan(set: "rome.layer=1")));
    }

    [Fact]
    public void What_is_not_needed_is_no_work()
    {
        var tokenizer = Plan().Cells.Single(cell => cell.Name.StartsWith("tokenizer", StringComparison.Ordinal));
        Directory.Delete(Path.Combine(store.Folder, tokenizer.Key), recursive: true);
        Assert.Equal(["8 cells: 7 reused, 0 to compute, 1 not needed"], Summary(Plan()));
    }

    [Fact]
    public void Explaining_makes_no_store()
    {
        var missing = new CellStore(Path.Combine(folder.Path, "nowhere"));
        var plan = Plan();
        var summary = Explanation.Of(plan.Cells, plan.Results, missing).Summary(TimeEstimate.From(missing), jobs: 2);
        Assert.StartsWith("8 cells: 0 reused, 8 to compute", summary.First(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(missing.Folder));
    }

    // Only editors have code here.
    private static Func<Cell, JsonObject, IReadOnlyDictionary<string, string>> Code(string hash) => (kind, options) =>
        kind.EditorsOf(options).Any() ? new Dictionary<string, string> { ["Harness.Editing.Editors.Rome"] = hash } : [];

    private static JsonObject Parts(string json) => JsonNode.Parse(json)!.AsObject();

    private Plan Plan(KeyContext? context = null, string? set = null, long? seed = null)
    {
        var table = sample.LoadTable1(new() { Editors = ["original", "rome"], Set = set is null ? [] : [set], Seed = seed });
        return Harness.Planning.Plan.Build(table with { Datasets = [table.Datasets[0]] }, context ?? Context,
            SampleExperiments.Registry);
    }

    private Explanation Explain(Plan plan) => Explanation.Of(plan.Cells, plan.Results, store);

    private IEnumerable<string> Summary(Plan plan) => Explain(plan).Summary(TimeEstimate.From(store), jobs: 2);

    private IEnumerable<string> Unfinished(Plan plan) =>
        Explain(plan).Cells.Where(one => one.State != CellState.Reused).Select(one => one.ToString());
}
