using Harness.Measuring.Cells;
using Harness.Running;
using Harness.Tests.Declarations;
using static Harness.Tests.Running.SampleCells;

namespace Harness.Tests.Running;

public sealed class CellStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CellStore store;

    public CellStoreTests() => store = new CellStore(Path.Combine(folder.Path, "store"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_committed_cell_opens_with_its_files_manifest_and_timing()
    {
        var cell = Cell("edit-a");
        using (var draft = store.Create(cell.Key))
        {
            Directory.CreateDirectory(Path.Combine(draft.Output, "sub"));
            File.WriteAllText(Path.Combine(draft.Output, "sub", "b.txt"), "two");
            File.WriteAllText(Path.Combine(draft.Output, "a.txt"), "");
            Assert.False(store.Contains(cell.Key));
            draft.Commit(cell.Name, cell.KeyParts, new CellTiming(DateTimeOffset.UnixEpoch, 2.5));
        }

        Assert.True(store.Contains(cell.Key));
        Assert.Equal("two", File.ReadAllText(Path.Combine(store.Open(cell.Key), "sub/b.txt")));
        Assert.Equal(
            [new StoredFile("a.txt", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
             new StoredFile("sub/b.txt", 3, "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3")],
            CellManifest.Read(store.Open(cell.Key)).Files);
        Assert.Equal(2.5, store.Timing(cell.Key)!.Seconds);
        Assert.Equal([cell.Key], Directory.GetDirectories(store.Folder).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public void What_the_store_adds_to_a_cell_is_known()
    {
        var cell = Store(store, Cell("a"), seconds: 1);
        Assert.Equal(["manifest.json", "timing.json"], CellStore.NotesIn(cell));
        File.WriteAllText(Path.Combine(cell, "manifest.json"), "{}");
        Assert.Empty(CellStore.NotesIn(cell));
        Assert.Empty(CellStore.NotesIn(folder.Path));
    }

    [Fact]
    public void The_same_cell_has_the_same_manifest_whatever_time_it_took()
    {
        var other = new CellStore(Path.Combine(folder.Path, "other"));
        var first = Store(store, Cell("a"), seconds: 1);
        var second = Store(other, Cell("a"), seconds: 9);
        Assert.Equal(File.ReadAllText(Path.Combine(first, "manifest.json")), File.ReadAllText(Path.Combine(second, "manifest.json")));
    }

    [Fact]
    public void An_abandoned_draft_leaves_nothing()
    {
        using (var draft = store.Create("a"))
            File.WriteAllText(Path.Combine(draft.Output, "half.txt"), "half");
        Assert.Empty(Directory.GetFileSystemEntries(store.Folder));
    }

    [Fact]
    public void The_cell_of_a_faster_process_stays()
    {
        using var slow = store.Create("a");
        File.WriteAllText(Path.Combine(slow.Output, "data.txt"), "slow");
        Store(store, Cell("a"), "fast");
        slow.Commit("a", [], new CellTiming(DateTimeOffset.UnixEpoch, 1));
        Assert.Equal("fast", File.ReadAllText(Path.Combine(store.Open("a"), "data.txt")));
    }

    [Fact]
    public void A_damaged_cell_is_an_error_that_says_what_to_delete()
    {
        var at = Store(store, Cell("edit-a"));
        File.WriteAllText(Path.Combine(at, "data.txt"), "Content");
        Assert.Equal(
            "cell edit-a: file data.txt: SHA-256 found 47bd29075f8b8019f0beec6d86beda7c9bf67aaf05053dcbe0b3bcb63968517f, "
            + $"expected ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73; delete the folder {at} and run again",
            Assert.Throws<InputException>(() => store.Open("edit-a")).Message);
        File.Delete(Path.Combine(at, "data.txt"));
        Assert.Equal($"cell edit-a: file data.txt: missing; delete the folder {at} and run again",
            Assert.Throws<InputException>(() => store.Open("edit-a")).Message);
        File.Delete(Path.Combine(at, "manifest.json"));
        Assert.StartsWith(
            $"cell in {at}: manifest.json is missing or damaged",
            Assert.Throws<InputException>(() => store.Open("edit-a")).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(at, "manifest.json"), new string('[', 100_000));
        Assert.Contains("maximum configured depth", Assert.Throws<InputException>(() => store.Open("edit-a")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[[[[")]
    public void A_damaged_time_is_no_time(string json)
    {
        var at = Store(store, Cell("a"));
        File.WriteAllText(Path.Combine(at, CellTiming.FileName), json);
        Assert.Null(store.Timing("a"));
    }

    [Fact]
    public void Stale_drafts_of_dead_processes_go_and_live_ones_stay()
    {
        using var live = store.Create("a");
        var dead = Path.Combine(store.Folder, $"tmp-{int.MaxValue}-1-b");
        Directory.CreateDirectory(Path.Combine(dead, "cell"));
        File.WriteAllText(Path.Combine(dead, "lock"), "");
        store.RemoveStaleDrafts();
        Assert.False(Directory.Exists(dead));
        Assert.True(Directory.Exists(live.Output));
        Assert.Empty(store.Manifests());
    }

    [Fact]
    public void A_store_that_cannot_be_made_is_said_in_one_line()
    {
        var file = folder.Write("file", "");
        var message = Assert.Throws<InputException>(() => new CellStore(Path.Combine(file, "store")).Make()).Message;
        Assert.StartsWith($"store {Path.Combine(file, "store")}: cannot be written (", message, StringComparison.Ordinal);
        Assert.EndsWith(
            "); free space there, make the folder writable or choose another with --store, and run again; finished cells are kept",
            message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_cell_asks_for_a_run() =>
        Assert.Equal(
            $"store {store.Folder}: no cell abc; run its target first", Assert.Throws<InputException>(() => store.Open("abc")).Message);

    [Fact]
    public void Time_estimates_use_the_same_cell_then_its_editor_then_its_kind_then_a_weight()
    {
        var rome = HashedCell(new() { ["editor"] = "rome", ["layer"] = 1 }, "edit x/rome", CellKind.Edit);
        Assert.Equal(15, TimeEstimate.From(store).Of(rome));
        Store(store, HashedCell(new() { ["editor"] = "memit" }, "edit x/memit", CellKind.Edit), seconds: 30);
        Assert.Equal(30, TimeEstimate.From(store).Of(rome));
        Store(store, HashedCell(new() { ["editor"] = "rome", ["layer"] = 1 }, "edit y/rome", CellKind.Edit), seconds: 8);
        Assert.Equal(8, TimeEstimate.From(store).Of(rome));
        Store(store, rome, seconds: 6);
        Assert.Equal(6, TimeEstimate.From(store).Of(rome));
        Assert.Equal(7, TimeEstimate.From(store)
            .Of(HashedCell(new() { ["editor"] = "rome", ["layer"] = 2 }, "edit x/rome", CellKind.Edit)));
    }

    [Fact]
    public void Time_estimates_pass_over_what_is_no_cell_and_over_damaged_manifests()
    {
        var cell = HashedCell([], "edit a", CellKind.Edit);
        Store(store, cell, seconds: 4);
        File.WriteAllText(Path.Combine(Store(store, HashedCell([], "edit b", CellKind.Edit), seconds: 9), "manifest.json"), "{");
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
        Assert.Equal(20 + 15, estimate.Left([model, .. edits], 6, new Dictionary<string, double> { ["m"] = 100 }));
        Assert.Equal(0, estimate.Left([], 6));
    }
}
