using Harness.Running;
using Harness.Tests.Declarations;
using static Harness.Tests.Running.SampleCells;

namespace Harness.Tests.Running;

public sealed class CellDraftTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CellStore store;

    public CellDraftTests() => store = new CellStore(Path.Combine(folder.Path, "store"));

    public void Dispose() => folder.Dispose();

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
    public void A_locked_draft_stays_whatever_its_process_and_an_unlocked_one_while_its_process_lives()
    {
        var locked = Draft($"tmp-{int.MaxValue}-1-a");
        using var handle = new FileStream(Path.Combine(locked, "lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var own = Draft($"tmp-{Environment.ProcessId}-1-b");
        File.WriteAllText(Path.Combine(own, "lock"), "");
        var early = Draft($"tmp-{Environment.ProcessId}-1-c");
        var nobodys = Draft("tmp-x-1-d");
        var other = Draft("notes");
        store.RemoveStaleDrafts();
        Assert.Equal(new[] { locked, own, early, other }.Order(), Directory.GetDirectories(store.Folder).Order());
        Assert.True(CellStore.Holds(early));
        Assert.False(CellStore.Holds(other));
        Assert.False(CellStore.Holds(nobodys));
    }

    [Fact]
    public void A_store_that_is_gone_is_said_in_one_line()
    {
        if (Directory.Exists(store.Folder)) Directory.Delete(store.Folder);
        File.WriteAllText(store.Folder, "");
        Assert.StartsWith($"store {store.Folder}: cannot be written (", Assert.Throws<InputException>(() => store.Create("a")).Message,
            StringComparison.Ordinal);
    }

    private string Draft(string name) => Directory.CreateDirectory(Path.Combine(store.Folder, name)).FullName;
}
