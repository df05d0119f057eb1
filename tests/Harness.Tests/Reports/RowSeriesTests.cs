using System.Text.Json.Nodes;
using Harness.Measuring.Capability;
using Harness.Measuring.Cells;
using Harness.Measuring.Metrics;
using Harness.Planning;
using Harness.Reports;

namespace Harness.Tests.Reports;

public sealed class RowSeriesTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("row-series-");

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public void A_row_has_what_all_of_its_cells_measured()
    {
        var edit = Cell(CellKind.Edit);
        Write(edit, "each.jsonl", new CaseScore(0, new Dictionary<string, double> { ["reliability"] = 1 }));
        Write(edit, "change.jsonl", ("change", 0.5));
        var score = Cell(CellKind.Score, ("edit", edit));
        Write(score, "cases.jsonl",
            new CaseScore(0, new Dictionary<string, double> { ["reliability"] = 0.5, ["locality"] = 1 }),
            new CaseScore(1, new Dictionary<string, double> { ["reliability"] = 0.25 }));
        var capability = Cell(CellKind.Capability, ("edit", edit));
        Write(capability, "items.jsonl", ("kl", 0.125), ("choice", 1));

        var series = Read(new PlannedRow("zsre", "llama", "rome", score) { Capability = capability });
        Assert.Equal(
            ["change", "choice", "kl", "locality", "reliability", "reliability-each"], series.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([new SeriesItem(0, 0.5), new SeriesItem(1, 0.25)], series["reliability"]);
        Assert.Equal([new SeriesItem(0, 1)], series["reliability-each"]);
        Assert.Equal([new SeriesItem(0, 0.125)], series["kl"]);
        Assert.Equal([new SeriesItem(0, 0.5)], series["change"]);

        Directory.Delete(Folder(edit), recursive: true);
        Assert.Equal(["locality", "reliability"],
            Read(new PlannedRow("zsre", "llama", "rome", score), withEdit: false).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Changes_of_attention_and_mlp_are_means_over_the_weights_of_each_layer()
    {
        var edit = Cell(CellKind.Edit);
        Write(edit, "change.jsonl", ("change", 0.5), ("change/0/query", 0.25), ("change/0/value", 0.75), ("change/0/norms", 0.9),
            ("change/10/down", 0.5), ("change/2/up", 0.125), ("change/2/down", 0.375), ("change/model/embedding", 0.7));
        var score = Cell(CellKind.Score, ("edit", edit));
        Write(score, "cases.jsonl", new CaseScore(0, new Dictionary<string, double> { ["reliability"] = 1 }));
        var series = Read(new PlannedRow("zsre", "llama", "rome", score));
        Assert.Equal([new SeriesItem(0, 0.5)], series["change-attention"]);
        Assert.Equal([new SeriesItem(2, 0.25), new SeriesItem(10, 0.5)], series["change-mlp"]);
    }

    [Fact]
    public void The_unedited_model_and_single_edits_have_scores_alone()
    {
        foreach (var kind in (CellKind[])[CellKind.Score, CellKind.SingleEdits])
        {
            var cell = Cell(kind);
            Write(cell, "cases.jsonl", new CaseScore(3, new Dictionary<string, double> { ["reliability"] = 1 }));
            var (name, items) = Assert.Single(Read(new PlannedRow("zsre", "llama", "original", cell)));
            Assert.Equal("reliability", name);
            Assert.Equal([new SeriesItem(3, 1)], items);
        }
    }

    [Fact]
    public void A_timed_row_reads_its_own_seconds_and_their_ratio_to_full_tuning_of_the_same_round()
    {
        var timing = Cell(CellKind.Timing);
        Write(timing, "times.jsonl",
            new CaseScore(0, new Dictionary<string, double> { ["full-ft"] = 4, ["rome"] = 8, ["full-ft@10"] = 5, ["rome@10"] = 1 }),
            new CaseScore(1, new Dictionary<string, double> { ["full-ft"] = 2, ["rome"] = 8, ["full-ft@10"] = 4, ["rome@10"] = 1 }));
        Write(timing, "memory.jsonl",
            new CaseScore(0, new Dictionary<string, double> { ["full-ft"] = 30, ["rome"] = 10, ["full-ft@10"] = 3, ["rome@10"] = 1 }),
            new CaseScore(1, new Dictionary<string, double> { ["full-ft"] = 31, ["rome"] = 11, ["full-ft@10"] = 3, ["rome@10"] = 2 }));
        var plain = Read(new PlannedRow("zsre", "llama", "rome", timing));
        Assert.Equal([10, 11], plain["memory"].Select(item => item.Value));
        Assert.Equal([8, 8], plain["seconds"].Select(item => item.Value));
        Assert.Equal([2, 4], plain["ratio"].Select(item => item.Value));
        Assert.Equal([0.2, 0.25], Read(new PlannedRow("zsre", "llama", "rome@10", timing))["ratio"].Select(item => item.Value));
        Assert.Equal([1, 1], Read(new PlannedRow("zsre", "llama", "full-ft", timing))["ratio"].Select(item => item.Value));
    }

    [Fact]
    public void A_traced_row_reads_the_effects_of_its_own_state_and_none_where_no_prompt_has_its_position()
    {
        var trace = Cell(CellKind.Trace);
        Write(trace, "traces.jsonl", ("mlp@0,last-subject", 0.5), ("hidden@0,last", 0.25), ("clean", 1));
        var (name, items) = Assert.Single(Read(new PlannedRow("counterfact", "llama", "mlp@0,last-subject", trace)));
        Assert.Equal(("indirect-effect", 0.5), (name, Assert.Single(items).Value));
        Assert.Empty(Read(new PlannedRow("counterfact", "llama", "mlp@0,further", trace)));
    }

    [Fact]
    public void A_time_without_full_tuning_has_no_ratio()
    {
        var timing = Cell(CellKind.Timing);
        Write(timing, "times.jsonl", new CaseScore(0, new Dictionary<string, double> { ["rome"] = 8 }));
        Write(timing, "memory.jsonl", new CaseScore(0, new Dictionary<string, double> { ["rome"] = 5 }));
        Assert.Equal(["seconds", "memory"], Read(new PlannedRow("zsre", "llama", "rome", timing)).Keys);
    }

    private IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Read(PlannedRow row, bool withEdit = true) =>
        RowSeries.Read(row, withEdit, Folder);

    private string Folder(PlannedCell cell) => Directory.CreateDirectory(Path.Combine(root.FullName, cell.Key)).FullName;

    private void Write(PlannedCell cell, string file, params CaseScore[] lines) =>
        File.WriteAllText(Path.Combine(Folder(cell), file), string.Concat(lines.Select(line => CanonicalJson.ToText(line) + "\n")));

    private void Write(PlannedCell cell, string file, params (string Series, double Value)[] items) => ItemSeries.Write(
        Path.Combine(Folder(cell), file),
        items.ToDictionary(item => item.Series, item => (IReadOnlyList<SeriesItem>)[new SeriesItem(0, item.Value)]));

    private static PlannedCell Cell(CellKind kind, params (string Role, PlannedCell Cell)[] inputs) => new()
    {
        Key = kind.ToString(),
        KeyParts = [],
        Kind = kind,
        Name = kind.ToString(),
        Options = new JsonObject(),
        Seed = 1,
        Inputs = inputs.ToDictionary(input => input.Role, input => input.Cell),
    };
}
