using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Harness.Declarations;
using Harness.Measuring.Cells;
using Harness.Measuring.Metrics;
using Harness.Planning;
using Harness.Tests.Declarations;

namespace Harness.Tests.Planning;

public sealed class PlanTests : IDisposable
{
    private readonly SampleExperiments sample = new();

    public void Dispose() => sample.Dispose();

    private static readonly KeyContext Context = new(Code(), "1.13.1", "f00");

    [Fact]
    public void Every_row_has_its_score_and_shares_what_others_need_too()
    {
        var plan = Build(sample.LoadTable1());
        Assert.Equal(
            ["zsre/original", "zsre/rome", "zsre/full-ft", "counterfact/original", "counterfact/rome", "counterfact/full-ft"],
            plan.Rows.Select(row => $"{row.Dataset}/{row.Editor}"));
        Assert.Equal(
            [
                "world town", "dataset zsre", "tokenizer zsre/llama2-7b", "model zsre/llama2-7b", "score zsre/llama2-7b/original",
                "statistics zsre/llama2-7b/layers-2", "edit zsre/llama2-7b/rome", "score zsre/llama2-7b/rome",
                "edit zsre/llama2-7b/full-ft", "score zsre/llama2-7b/full-ft",
            ],
            plan.Cells.Take(10).Select(cell => cell.Name));
        Assert.Equal(1 + (2 * 9), plan.Cells.Count);
        Assert.Equal(plan.Cells.Count, plan.Cells.Select(cell => cell.Key).Distinct().Count());
    }

    [Fact]
    public void Inputs_are_those_of_the_kind_and_come_first()
    {
        var cells = Build(sample.LoadTable1()).Cells;
        Assert.Equal(["dataset", "model", "statistics"], Find(cells, "edit zsre/llama2-7b/rome").Inputs.Keys);
        Assert.Equal(["dataset", "model"], Find(cells, "edit zsre/llama2-7b/full-ft").Inputs.Keys);
        Assert.Equal(["dataset", "model", "edit"], Find(cells, "score zsre/llama2-7b/rome").Inputs.Keys);
        Assert.Equal(["dataset", "model"], Find(cells, "score zsre/llama2-7b/original").Inputs.Keys);
        Assert.Equal(["dataset", "tokenizer"], Find(cells, "model zsre/llama2-7b").Inputs.Keys);
        var order = cells.Select((cell, index) => (cell.Key, index)).ToDictionary(pair => pair.Key, pair => pair.index);
        Assert.All(cells, cell => Assert.All(cell.Inputs.Values, input => Assert.True(order[input.Key] < order[cell.Key])));
    }

    [Fact]
    public void Options_of_a_cell_read_back_as_its_kind_s_record()
    {
        var cells = Build(sample.LoadTable1()).Cells;
        var edit = CanonicalJson.FromNode<EditOptions>(Find(cells, "edit counterfact/llama2-7b/rome").Options);
        Assert.Equal("rome", edit.Editor);
        Assert.Equal("""{"layer":2,"value":{"steps":5}}""", edit.Options.ToJsonString());
        Assert.Equal([2], CanonicalJson.FromNode<StatisticsOptions>(Find(cells, "statistics zsre/llama2-7b/layers-2").Options).Layers);
        Assert.Equal(100, CanonicalJson.FromNode<DatasetOptions>(Find(cells, "dataset zsre").Options).Edits);
        Assert.Equal(96, CanonicalJson.FromNode<ModelOptions>(Find(cells, "model zsre/llama2-7b").Options).Shape.Width);
    }

    [Fact]
    public void The_same_declaration_gives_the_same_keys() =>
        Assert.Equal(Build(sample.LoadTable1()).Cells.Select(cell => cell.Key), Build(sample.LoadTable1()).Cells.Select(cell => cell.Key));

    [Fact]
    public void A_key_is_the_hash_of_its_canonical_parts()
    {
        var world = Build(sample.LoadTable1()).Cells[0];
        Assert.Equal(["code", "inputs", "kind", "options", "seed"], world.KeyParts.Select(part => part.Key));
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.ToText(world.KeyParts)))),
            world.Key);
    }

    [Fact]
    public void A_changed_option_changes_the_edit_and_its_score_only() => Assert.Equal(
        ["edit zsre/llama2-7b/full-ft", "score zsre/llama2-7b/full-ft", "edit counterfact/llama2-7b/full-ft",
         "score counterfact/llama2-7b/full-ft"],
        Changed(sample.LoadTable1(new() { Set = ["full-ft.learning-rate=1"] }), Context));

    [Fact]
    public void A_changed_protocol_changes_the_scores_only() =>
        Assert.All(Changed(sample.LoadTable1() with { Protocol = Protocol.WildEm }, Context), name =>
            Assert.StartsWith("score ", name, StringComparison.Ordinal));

    [Fact]
    public void A_changed_seed_changes_everything() => Assert.Equal(19, Changed(sample.LoadTable1(new() { Seed = 21 }), Context).Count);

    [Fact]
    public void Names_titles_claims_and_the_choice_of_rows_change_nothing()
    {
        var other = sample.LoadTable1() with { Target = "X", Paper = "y", Title = "z", Metrics = ["reliability"], Claims = [] };
        Assert.Empty(Changed(other, Context));
        var one = Build(sample.LoadTable1(new() { Editors = ["rome"] })).Cells;
        Assert.Subset(Build(sample.LoadTable1()).Cells.Select(cell => cell.Key).ToHashSet(), one.Select(cell => cell.Key).ToHashSet());
    }

    [Theory]
    [InlineData("World", "world dataset tokenizer model score statistics edit")]
    [InlineData("Model", "model score statistics edit")]
    [InlineData("Statistics", "statistics edit score")]
    [InlineData("Score", "score")]
    public void Changed_code_changes_what_runs_it_and_what_is_made_from_that(string kind, string kinds) => Assert.Equal(
        kinds.Split(' '),
        Changed(sample.LoadTable1(), Context with { CodeOf = Code(kind) }).Select(name => name.Split(' ')[0]).Distinct());

    [Fact]
    public void Changed_code_of_an_editor_changes_its_edits_and_their_scores_alone() => Assert.Equal(
        ["edit zsre/llama2-7b/rome", "score zsre/llama2-7b/rome", "edit counterfact/llama2-7b/rome", "score counterfact/llama2-7b/rome"],
        Changed(sample.LoadTable1(), Context with { CodeOf = Code("rome") }));

    [Fact]
    public void Libtorch_and_the_numerics_class_change_what_uses_tensors()
    {
        foreach (var context in (KeyContext[])[Context with { Libtorch = "2.6" }, Context with { Numerics = "bar" }])
        {
            var kinds = Changed(sample.LoadTable1(), context).Select(name => name.Split(' ')[0]).Distinct();
            Assert.Equal(["model", "score", "statistics", "edit"], kinds);
        }
    }

    [Fact]
    public void A_published_model_is_trained_on_nothing_and_needs_no_tokenizer()
    {
        var cells = Build(sample.LoadImported()).Cells;
        Assert.DoesNotContain(cells, cell => cell.Kind == CellKind.Tokenizer);
        var model = Find(cells, "model zsre/llama2-7b");
        Assert.Equal(["dataset"], model.Inputs.Keys);
        Assert.Equal(
            """{"content":null,"import":{"id":"org/llama","revision":"REVISION"}}""".Replace(
                "REVISION", new string('a', 40), StringComparison.Ordinal), model.Options.ToJsonString());
        Assert.Equal(30000, CanonicalJson.FromNode<StatisticsOptions>(Find(cells, "statistics zsre/llama2-7b/layers-2").Options).Tokens);
    }

    [Fact]
    public void Another_local_model_changes_everything_but_the_data()
    {
        Plan With(string? content) => Plan.Build(sample.LoadImported(), Context, SampleExperiments.Registry, _ => content);

        var hub = With(null).Cells.Select(cell => cell.Key).ToHashSet();
        var local = With("b1");
        Assert.Equal(
            ["model", "score", "statistics", "edit"],
            local.Cells.Where(cell => !hub.Contains(cell.Key)).Select(cell => cell.Name.Split(' ')[0]).Distinct());
        Assert.Equal("b1", Assert.IsType<ImportedModel>(local.Experiment.Models[0].Source).Options.Content);
        Assert.Equal(local.Cells.Select(cell => cell.Key), With("b1").Cells.Select(cell => cell.Key));
    }

    [Fact]
    public void The_device_goes_to_what_uses_tensors()
    {
        var cells = Plan.Build(
            sample.LoadTable1(), Context with { Device = "cuda", Numerics = "cuda-f00" }, SampleExperiments.Registry).Cells;
        Assert.All(cells, cell => Assert.Equal(CellRunner.Of(cell.Kind).UsesLibtorch ? "cuda" : "cpu", cell.Device));
    }

    // Each kind and each editor has code of its own, of which one is another.
    private static Func<Cell, JsonObject, IReadOnlyDictionary<string, string>> Code(string? changed = null) => (kind, options) =>
        kind.EditorsOf(options).Prepend(kind.Kind.ToString()).ToDictionary(name => name, name => name == changed ? "changed" : "as it was");

    private static Plan Build(Experiment experiment) => Plan.Build(experiment, Context, SampleExperiments.Registry);

    private static PlannedCell Find(IReadOnlyList<PlannedCell> cells, string name) => cells.Single(cell => cell.Name == name);

    private List<string> Changed(Experiment experiment, KeyContext context)
    {
        var before = Build(sample.LoadTable1()).Cells.Select(cell => cell.Key).ToHashSet();
        var cells = Plan.Build(experiment, context, SampleExperiments.Registry).Cells;
        return [.. cells.Where(cell => !before.Contains(cell.Key)).Select(cell => cell.Name)];
    }
}
