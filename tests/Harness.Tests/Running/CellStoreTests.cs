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
        using (var draft = store.TryCreate(cell.Key)!)
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

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[[[[")]
    public void A_damaged_time_is_no_time(string json)
    {
        var at = Store(store, Cell("a"));
        File.WriteAllText(Path.Combine(at, CellTiming.FileName), json);
        Assert.Null(store.Timing(Path.GetFileName(at)));
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
}
