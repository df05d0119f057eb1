using Harness.Measuring.Cells;
using Harness.Planning;
using Harness.Running;
using Harness.Tests.Declarations;
using static Harness.Tests.Running.SampleCells;

namespace Harness.Tests.Running;

public sealed class TimeEstimateTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CellStore store;

    public TimeEstimateTests() => store = new CellStore(Path.Combine(folder.Path, "store"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_cell_takes_what_the_same_one_took_then_its_editor_s_mean_then_its_kind_s_then_a_weight()
    {
        var rome = CellWith(new() { ["editor"] = "rome", ["layer"] = 1 }, "edit x/rome", CellKind.Edit);
        Assert.Equal(15, TimeEstimate.From(store).Of(rome));
        Store(store, CellWith(new() { ["editor"] = "memit" }, "edit x/memit", CellKind.Edit), seconds: 30);
        Assert.Equal(30, TimeEstimate.From(store).Of(rome));
        Store(store, CellWith(new() { ["editor"] = "rome", ["layer"] = 1 }, "edit y/rome", CellKind.Edit), seconds: 8);
        Assert.Equal(8, TimeEstimate.From(store).Of(rome));
        Store(store, rome, seconds: 6);
        Assert.Equal(6, TimeEstimate.From(store).Of(rome));
        Assert.Equal(7, TimeEstimate.From(store)
            .Of(CellWith(new() { ["editor"] = "rome", ["layer"] = 2 }, "edit x/rome", CellKind.Edit)));
    }

    [Fact]
    public void What_is_no_cell_and_damaged_manifests_teach_nothing()
    {
        var cell = CellWith([], "edit a", CellKind.Edit);
        Store(store, cell, seconds: 4);
        File.WriteAllText(Path.Combine(Store(store, CellWith([], "edit b", CellKind.Edit), seconds: 9), "manifest.json"), "{");
        Directory.CreateDirectory(Path.Combine(store.Folder, "notes"));
        Assert.Equal(4, TimeEstimate.From(store).Of(cell));
    }

    [Fact]
    public void The_time_left_is_the_work_shared_by_the_workers_or_the_longest_chain()
    {
        var model = Cell("m", CellKind.Model);
        var edits = Enumerable.Range(0, 6).Select(i => Cell($"e{i}", CellKind.Edit, model)).ToArray();
        var estimate = new TimeEstimate();
        Assert.Equal(90 / 2.0, estimate.Left(edits, 2));
        Assert.Equal(120 + 15, estimate.Left([model, .. edits], 6));
        Assert.Equal(20 + 15, estimate.Left([model, .. edits], 6, new Dictionary<string, double> { [model.Key] = 100 }));
        Assert.Equal(0, estimate.Left([], 6));
    }

    [Fact]
    public void What_a_run_sees_counts_as_what_the_store_holds_and_equal_cells_are_averaged()
    {
        var estimate = new TimeEstimate();
        var cell = CellWith(new() { ["editor"] = "rome" }, "edit x/rome", CellKind.Edit);
        estimate.Add(cell, 10);
        estimate.Add(cell, 20);
        Assert.Equal(15, estimate.Of(cell));
        Assert.Equal(15, estimate.Of(CellWith(new() { ["editor"] = "memit" }, "edit x/memit", CellKind.Edit)));
        Assert.Equal((120, 3, 3, 1), (estimate.Of(Cell("m", CellKind.Model)), estimate.Of(Cell("k", CellKind.Statistics)),
            estimate.Of(Cell("s", CellKind.Score)), estimate.Of(Cell("w", CellKind.World))));
    }

    [Fact]
    public void A_cell_that_takes_longer_than_expected_is_about_to_end_and_takes_no_time_off_others()
    {
        PlannedCell[] cells = [Cell("a"), Cell("b")];
        Assert.Equal(15, new TimeEstimate().Left(cells, 1, new Dictionary<string, double> { [cells[0].Key] = 1000 }));
    }
}
