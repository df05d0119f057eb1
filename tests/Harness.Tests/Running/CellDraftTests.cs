using System.Text.Json.Nodes;
using Harness.Planning;
using Harness.Running;
using Harness.Tests.Declarations;
using static Harness.Tests.Running.SampleCells;

namespace Harness.Tests.Running;

public sealed class CellDraftTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CellStore store;
    private readonly PlannedCell cell = Cell("a");

    public CellDraftTests()
    {
        store = new CellStore(Path.Combine(folder.Path, "store"));
        store.Make();
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_abandoned_draft_leaves_nothing()
    {
        using (var draft = store.TryCreate(cell.Key)!)
            File.WriteAllText(Path.Combine(draft.Output, "half.txt"), "half");
        Assert.Empty(Directory.GetFileSystemEntries(store.Folder));
    }

    [Fact]
    public void A_claimed_cell_is_claimed_by_nobody_else_until_it_is_given_back()
    {
        using (store.TryCreate(cell.Key))
        {
            Assert.Null(new CellStore(store.Folder).TryCreate(cell.Key));
            Assert.Equal($"process {Environment.ProcessId} on {Environment.MachineName}", store.HolderOf(cell.Key));
        }

        Assert.Null(store.HolderOf(cell.Key));
        using var next = store.TryCreate(cell.Key);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Of_many_that_claim_a_cell_at_once_one_gets_it()
    {
        using var start = new Barrier(8);
        var drafts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return new CellStore(store.Folder).TryCreate(cell.Key);
            }, TaskCreationOptions.LongRunning)));
        using var winner = Assert.Single(drafts.OfType<CellDraft>());
        Assert.Single(Directory.GetDirectories(store.Folder));
    }

    [Fact]
    public void The_cell_of_a_faster_process_stays_and_the_slower_one_is_told()
    {
        using var slow = store.TryCreate(cell.Key)!;
        File.WriteAllText(Path.Combine(slow.Output, "data.txt"), "slow");
        var fast = new CellStore(Path.Combine(folder.Path, "other"));
        Directory.Move(Store(fast, cell, "fast"), Path.Combine(store.Folder, cell.Key));
        Assert.Equal("a: another process made it meanwhile", Assert.Throws<CellTakenException>(() => Commit(slow)).Message);
        Assert.Equal("fast", File.ReadAllText(Path.Combine(store.Open(cell.Key), "data.txt")));
    }

    [Fact]
    public void What_a_dead_process_had_claimed_is_taken_over_and_cleared_away()
    {
        var dead = Draft($"tmp-{cell.Key}.3", Owner() with { Process = int.MaxValue });
        using var draft = store.TryCreate(cell.Key)!;
        Assert.False(Directory.Exists(dead));
        Assert.StartsWith(Path.Combine(store.Folder, $"tmp-{cell.Key}.4", "cell-"), draft.Output, StringComparison.Ordinal);
        Commit(draft);
        Assert.True(store.Contains(cell.Key));
    }

    [Fact]
    public void A_process_id_that_came_again_is_not_the_owner() =>
        Assert.Null(store.HolderOf(Claimed(Owner() with { Started = 1 })));

    [Fact]
    public void An_owner_of_another_machine_lives_as_long_as_it_beats()
    {
        var clock = new Clock();
        var watching = new CellStore(store.Folder, clock);
        var key = Claimed(Owner() with { Machine = "another machine", Host = "n7" });
        var beat = Path.Combine(store.Folder, $"tmp-{key}.1", "lock");
        Assert.Equal($"process {Environment.ProcessId} on n7", watching.HolderOf(key));
        clock.Advance(CellDraft.Patience - TimeSpan.FromSeconds(1));
        Assert.NotNull(watching.HolderOf(key));
        File.WriteAllText(beat, "later");
        Assert.NotNull(watching.HolderOf(key));
        clock.Advance(CellDraft.Patience - TimeSpan.FromSeconds(1));
        Assert.NotNull(watching.HolderOf(key));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(watching.HolderOf(key));
        watching.RemoveStaleDrafts();
        Assert.False(File.Exists(beat));
    }

    [Fact]
    public void Who_was_taken_for_dead_commits_nothing_and_removes_nothing_of_the_next()
    {
        var late = store.TryCreate(cell.Key)!;
        File.WriteAllText(Path.Combine(late.Output, "data.txt"), "late");
        var first = Path.Combine(store.Folder, $"tmp-{cell.Key}.1");
        Directory.Move(first, Path.Combine(folder.Path, "gone"));
        using var next = store.TryCreate(cell.Key)!;
        Assert.StartsWith(first, next.Output, StringComparison.Ordinal);
        Assert.Equal("a: another process took it over, as this one had shown no life",
            Assert.Throws<CellTakenException>(() => Commit(late)).Message);
        late.Dispose();
        Assert.True(Directory.Exists(next.Output));
        Commit(next);
        Assert.Empty(CellManifest.Read(Path.Combine(store.Folder, cell.Key)).Files);
    }

    [Fact]
    public void Stale_drafts_of_dead_processes_go_and_live_ones_stay()
    {
        using var live = store.TryCreate(cell.Key)!;
        var dead = Draft($"tmp-{new string('b', 64)}.1", Owner() with { Process = int.MaxValue });
        var ownerless = Directory.CreateDirectory(Path.Combine(store.Folder, $"tmp-{new string('c', 64)}.1")).FullName;
        store.RemoveStaleDrafts();
        Assert.False(Directory.Exists(dead));
        Assert.False(Directory.Exists(ownerless));
        Assert.True(Directory.Exists(live.Output));
        Assert.Empty(store.Manifests());
    }

    [Fact]
    public void A_locked_draft_stays_whatever_its_process_and_one_being_prepared_while_its_process_lives()
    {
        var locked = Draft($"tmp-{new string('b', 64)}.1", Owner() with { Process = int.MaxValue });
        using var handle = new FileStream(Path.Combine(locked, "lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var machine = Owner().Machine;
        var prepared = Plain($"tmp-{machine}-{Environment.ProcessId}-c");
        var abandoned = Plain($"tmp-{machine}-{int.MaxValue}-d");
        var elsewhere = Plain($"tmp-{new string('0', 16)}-1-e");
        var old = Plain($"tmp-{int.MaxValue}-1-f");
        var other = Plain("notes");
        store.RemoveStaleDrafts();
        Assert.Equal(new[] { locked, prepared, elsewhere, old, other }.Order(), Directory.GetDirectories(store.Folder).Order());
        Assert.False(Directory.Exists(abandoned));
        Assert.True(CellStore.Holds(prepared));
        Assert.False(CellStore.Holds(other));
        Directory.SetLastWriteTimeUtc(elsewhere, DateTime.UtcNow.AddDays(-2));
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));
        store.RemoveStaleDrafts();
        Assert.Equal(new[] { locked, prepared, other }.Order(), Directory.GetDirectories(store.Folder).Order());
    }

    [Fact]
    public void A_store_that_is_gone_is_said_in_one_line()
    {
        Directory.Delete(store.Folder);
        File.WriteAllText(store.Folder, "");
        Assert.StartsWith($"store {store.Folder}: cannot be written (",
            Assert.Throws<InputException>(() => store.TryCreate(cell.Key)).Message, StringComparison.Ordinal);
    }

    private static DraftOwner Owner() => DraftOwner.This();

    private void Commit(CellDraft draft) => draft.Commit(cell.Name, cell.KeyParts, new CellTiming(DateTimeOffset.UnixEpoch, 1));

    private string Claimed(DraftOwner owner)
    {
        Draft($"tmp-{cell.Key}.1", owner);
        return cell.Key;
    }

    private string Draft(string name, DraftOwner owner)
    {
        var draft = Plain(name);
        File.WriteAllText(Path.Combine(draft, "lock"), "");
        File.WriteAllText(Path.Combine(draft, DraftOwner.FileName), JsonNode.Parse(CanonicalJson.ToText(owner))!.ToJsonString());
        return draft;
    }

    private string Plain(string name) => Directory.CreateDirectory(Path.Combine(store.Folder, name)).FullName;

    private sealed class Clock : TimeProvider
    {
        private TimeSpan now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now.Ticks;

        public void Advance(TimeSpan time) => now += time;
    }
}
