using System.Collections.Concurrent;
using Harness.Measuring.Cells;
using Harness.Planning;
using Harness.Running;
using Harness.Running.Workers;
using Harness.Tests.Declarations;
using static Harness.Tests.Running.SampleCells;

namespace Harness.Tests.Running;

public sealed class LocalExecutorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CellStore store;
    private readonly ConcurrentQueue<string> log = new();
    private readonly RecordingDisplay display = new(new StringWriter());
    private readonly PlannedCell data = Cell("data", CellKind.Dataset);
    private readonly PlannedCell model, edit, scoreA, scoreB;

    public LocalExecutorTests()
    {
        store = new CellStore(folder.Path);
        model = Cell("model", CellKind.Model, data);
        edit = Cell("edit", CellKind.Edit, data, model);
        scoreA = Cell("score-a", CellKind.Score, data, model);
        scoreB = Cell("score-b", CellKind.Score, data, model, edit);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Computes_everything_that_is_wanted_and_missing_with_the_same_content_for_any_number_of_workers(int jobs)
    {
        Run(jobs);
        Assert.Equal("5 cells computed, 0 reused, 8.2 s.", display.Lines[^1]);
        Assert.Equal("Score(Dataset(),Edit(Dataset(),Model(Dataset())),Model(Dataset()))",
            File.ReadAllText(Path.Combine(store.Open(scoreB.Key), "data.txt")));
    }

    [Fact]
    public void Starts_the_longest_way_first_and_only_what_has_its_inputs()
    {
        Run(1);
        Assert.Equal(["+data", "+model", "+edit", "+score-a", "+score-b"], Log('+'));
    }

    [Fact]
    public void Independent_cells_run_at_once()
    {
        using var both = new Barrier(2);
        Run(2, request =>
            Task.Run(() => Assert.True(request.Name is not ("edit" or "score-a") || both.SignalAndWait(TimeSpan.FromSeconds(20)))));
        Assert.True(store.Contains(scoreB.Key));
    }

    [Fact]
    public void Stages_count_the_cells_of_the_whole_run_and_share_its_workers()
    {
        Store(store, data);
        using (var executor = Executor(1, wanted: [scoreA, scoreB]))
        {
            executor.Run([model], default);
            executor.Run([edit, model], default);
            executor.Run([data, model], default);
            executor.Run([scoreA, scoreB], default);
            Assert.Equal(new[] { edit, model, scoreA, scoreB }.Select(cell => cell.Key).Order(), executor.Computed.Order());
        }

        Assert.Equal(
            [
                "4 cells to compute with 1 worker, 1 in the store.",
                "[1/4] model 8.2 s, about 1 min 10 s left",
                "[2/4] edit 8.2 s, about 1 min 10 s left",
                "[3/4] score-a 8.2 s, about 1 min 10 s left",
                "[4/4] score-b 8.2 s",
                "4 cells computed, 1 reused, 8.2 s.",
            ],
            display.Lines);
        Assert.Equal(["+model", "+edit", "+score-a", "+score-b"], Log('+'));
        Assert.Single(log, "end");
    }

    [Fact]
    public void A_stage_starts_no_cell_of_another()
    {
        foreach (var cell in (PlannedCell[])[data, model])
            Store(store, cell);
        using var executor = Executor(2, wanted: [scoreA, scoreB]);
        executor.Run([scoreA], default);
        Assert.Equal(["+score-a"], Log('+'));
    }

    [Fact]
    public void What_is_gone_between_two_stages_is_computed_again()
    {
        using var executor = Executor(1, wanted: [scoreA]);
        executor.Run([model], default);
        foreach (var cell in (PlannedCell[])[data, model])
            Directory.Delete(Path.Combine(store.Folder, cell.Key), recursive: true);
        executor.Run([scoreA], default);
        Assert.Equal(["+data", "+model", "+data", "+model", "+score-a"], Log('+'));
        Assert.Equal("[5/5] score-a 8.2 s", display.Lines[^2]);
    }

    [Fact]
    public void A_worker_serves_the_next_stage_unless_it_is_dead()
    {
        var launched = new List<Idle>();
        using (var executor = Executor(1, [scoreA], () =>
        {
            launched.Add(new Idle(store));
            return launched[^1];
        }))
        {
            executor.Run([data], default);
            launched[0].IsAlive = false;
            executor.Run([model], default);
            Assert.Equal((2, true, false), (launched.Count, launched[0].IsDisposed, launched[1].IsDisposed));
        }

        Assert.True(launched[1].IsDisposed);
    }

    [Fact]
    public void A_worker_at_work_does_not_outlive_a_mistake_of_ours()
    {
        foreach (var cell in (PlannedCell[])[data, model])
            Store(store, cell);
        using var executor = Executor(2, [scoreA, scoreB], () => new FakeWorker(
            store, (request, _) => request.Name == "edit" ? throw new NotSupportedException() : new TaskCompletionSource().Task, log));
        Assert.Throws<NotSupportedException>(() => executor.Run([scoreA, scoreB], default));
        Assert.Single(log, "end");
    }

    private sealed class Idle(CellStore store) : ICellWorker
    {
        public bool IsAlive { get; set; } = true;

        public bool IsDisposed { get; private set; }

        public Task<double> RunAsync(WorkerRequest request, Action<string> progress, CancellationToken cancellation)
        {
            using var draft = store.TryCreate(request.Key)!;
            draft.Commit(request.Name, request.Parts, new CellTiming(DateTimeOffset.UnixEpoch, 1));
            return Task.FromResult(1.0);
        }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public void A_warm_run_computes_nothing_and_starts_no_worker()
    {
        Run(2);
        log.Clear();
        Assert.Empty(Run(2));
        Assert.Empty(log);
        Assert.Equal("0 cells to compute with 0 workers, 5 in the store.", display.Lines[^1]);
    }

    [Fact]
    public void A_later_run_takes_up_where_an_earlier_one_ended()
    {
        Store(store, data);
        Store(store, model);
        Assert.Equal(3, Run(1).Count);
        Assert.Equal("3 cells computed, 2 reused, 8.2 s.", display.Lines[^1]);
        Assert.Equal(["+edit", "+score-a", "+score-b"], Log('+'));
    }

    [Fact]
    public void Inputs_of_finished_cells_are_not_needed()
    {
        foreach (var cell in (PlannedCell[])[data, model, scoreA, scoreB])
            Store(store, cell);
        Assert.Empty(Run(1));
    }

    [Fact]
    public void A_crash_names_its_cell_and_stops_only_what_depends_on_it()
    {
        var failure = Assert.Throws<RunFailedException>(() =>
            Run(1, request => request.Name == "edit" ? throw new WorkerCrashException("segfault\nat x") : Task.CompletedTask));
        Assert.Equal(
            "1 of 5 cells failed; the 3 that could be computed are kept:\n  edit: segfault\n    at x\n"
            + "  not computed for want of them: score-b", failure.Message);
        Assert.Equal(["+data", "+model", "+edit", "+score-a"], Log('+'));
        Assert.Equal(2, log.Count(line => line == "end"));
        Assert.Equal("[2/5] edit FAILED: segfault", display.Lines[3]);
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("ABRT")]
    public void A_worker_that_is_killed_twice_fails_its_cell_alone_and_another_takes_its_place(string signal)
    {
        using var executor = Executor(1, [scoreA, scoreB], () => Killed(signal, "1"));
        var failure = Assert.Throws<RunFailedException>(() => executor.Run([scoreA, scoreB], default));
        var file = Directory.GetFiles(folder.Path, "worker-*.log").MaxBy(File.GetLastWriteTimeUtc);
        Assert.StartsWith(
            $"1 of 5 cells failed; the 3 that could be computed are kept:\n  edit: the worker process was ended by SIG{signal} (",
                failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            $"; its log is {file}; run the same command again, finished cells are kept\n  not computed for want of them: score-b",
                failure.Message, StringComparison.Ordinal);
        Assert.StartsWith($"[2/5] edit LOST, tried once more: the worker process was ended by SIG{signal} (", display.Lines[3],
            StringComparison.Ordinal);
        Assert.StartsWith($"[2/5] edit FAILED: the worker process was ended by SIG{signal} (", display.Lines[4], StringComparison.Ordinal);
        Assert.StartsWith("[3/5] score-a ", display.Lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_that_is_killed_once_costs_nothing_but_time()
    {
        var once = Path.Combine(folder.Path, "once");
        using var executor = Executor(1, [scoreA, scoreB], () => Killed("KILL", $"! -f {once} ] && : > {once} && [ 1"));
        executor.Run([scoreA, scoreB], default);
        Assert.Equal(5, executor.Computed.Count);
        Assert.Contains(display.Lines, line => line.StartsWith("[2/5] edit LOST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cell_that_another_run_makes_is_waited_for()
    {
        var draft = store.TryCreate(edit.Key)!;
        var run = Task.Run(() => Run(2));
        Assert.True(SpinWait.SpinUntil(() => display.Lines.Any(line => line.Contains("edit waits", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(20)));
        File.WriteAllText(Path.Combine(draft.Output, "data.txt"), "theirs");
        draft.Commit(edit.Name, edit.KeyParts, new CellTiming(DateTimeOffset.UnixEpoch, 1));
        draft.Dispose();
        var computed = await run;
        Assert.DoesNotContain(edit.Key, computed);
        Assert.Equal("Score(Dataset(),theirs,Model(Dataset()))", File.ReadAllText(Path.Combine(store.Open(scoreB.Key), "data.txt")));
        Assert.Equal("4 cells computed, 1 reused, 8.2 s.", display.Lines[^1]);
    }

    [Fact]
    public void What_another_run_makes_between_two_stages_holds_nothing_up()
    {
        using var executor = Executor(1, wanted: [scoreA, scoreB]);
        Store(store, data);
        executor.Run([data], default);
        executor.Run([model], default);
        Assert.True(store.Contains(model.Key));
        Store(store, edit);
        executor.Run([scoreA, scoreB], default);
        Assert.Equal(new[] { model, scoreA, scoreB }.Select(cell => cell.Key).Order(), executor.Computed.Order());
    }

    [Fact]
    public async Task A_cell_that_another_run_gives_up_is_made_here()
    {
        var draft = store.TryCreate(edit.Key)!;
        var run = Task.Run(() => Run(1));
        Assert.True(SpinWait.SpinUntil(() => display.Lines.Any(line => line.Contains("edit waits", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(20)));
        draft.Dispose();
        Assert.Contains(edit.Key, await run);
    }

    private ProcessWorker Killed(string signal, string condition) => new(new WorkerCommand("/bin/sh", ["-c",
        $$$"""while read -r line; do case $line in *'"name":"edit"'*) [ {{{condition}}} ] && kill -s {{{signal}}} $$ ;; esac; echo '{"event":"done","seconds":1,"text":""}'; done"""]),
        folder.Path);

    [Fact]
    public void A_worker_that_dies_between_two_cells_fails_none()
    {
        var launched = 0;
        const string Script = """read -r line; echo '{"event":"done","seconds":1,"text":""}'; kill -s KILL $$""";
        using var executor = Executor(1, [scoreA, scoreB], () => new Dying(Launch()));
        executor.Run([scoreA, scoreB], default);
        Assert.Equal((5, 5), (executor.Computed.Count, launched));

        ProcessWorker Launch()
        {
            launched++;
            return new ProcessWorker(new WorkerCommand("/bin/sh", ["-c", Script]), folder.Path);
        }
    }

    [Fact]
    public void A_mistake_of_the_user_s_ends_as_one()
    {
        var failure = Assert.Throws<InputException>(() =>
            Run(2, request => request.Name == "data" ? throw new InputException("zsre.json: not found") : Task.CompletedTask));
        Assert.Equal(
            "1 of 5 cells failed; the 0 that could be computed are kept:\n  data: zsre.json: not found\n"
            + "  not computed for want of them: model, score-a, edit and 1 more",
            failure.Message);
    }

    [Fact]
    public void The_same_mistake_in_several_cells_is_told_once()
    {
        foreach (var cell in (PlannedCell[])[data, model, edit])
            Store(store, cell);
        var failure = Assert.Throws<InputException>(() => Run(1, _ => throw new InputException("no such model")));
        Assert.Equal(
            "2 of 2 cells failed; the 0 that could be computed are kept:\n  score-a, score-b: no such model", failure.Message);
    }

    [Fact]
    public void A_damaged_input_is_an_error_and_never_recomputed()
    {
        File.WriteAllText(Path.Combine(Store(store, data), "data.txt"), "damaged");
        var message = Assert.Throws<InputException>(() => Run(1)).Message;
        Assert.Contains("cell data: file data.txt: SHA-256 found", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_keeps_finished_cells_and_leaves_no_draft()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run(2, async (request, token) =>
        {
            if (request.Name != "edit")
                return;
            await cancellation.CancelAsync();
            token.ThrowIfCancellationRequested();
        }, cancellation.Token));
        Assert.True(store.Contains(model.Key));
        Assert.False(store.Contains(edit.Key));
        Assert.DoesNotContain(Directory.GetDirectories(store.Folder), path =>
            Path.GetFileName(path).StartsWith("tmp-", StringComparison.Ordinal));
        Assert.Contains("end", log);
    }

    [Fact]
    public void Plain_lines_tell_what_is_done_and_how_long_the_rest_may_take()
    {
        Run(1);
        Assert.Equal(
            [
                "5 cells to compute with 1 worker, 0 in the store.",
                "[1/5] data 8.2 s, about 1 min 10 s left",
                "[2/5] model 8.2 s, about 1 min 10 s left",
                "[3/5] edit 8.2 s, about 1 min 10 s left",
                "[4/5] score-a 8.2 s, about 1 min 10 s left",
                "[5/5] score-b 8.2 s",
                "5 cells computed, 0 reused, 8.2 s.",
            ],
            display.Lines);
    }

    [Fact]
    public void The_display_ends_whatever_happens()
    {
        Assert.Throws<NotSupportedException>(() =>
            Run(1, request => request.Name == "model" ? throw new NotSupportedException("our own bug") : Task.CompletedTask));
        Assert.Equal("1 cell computed, 0 reused, 8.2 s.", display.Lines[^1]);
    }

    [Fact]
    public void Zero_jobs_are_a_mistake() =>
        Assert.Equal("--jobs: found 0, expected at least 1", Assert.Throws<InputException>(() => Run(0)).Message);

    // Alive right behind a cell, and dead before the next.
    private sealed class Dying(ProcessWorker worker) : ICellWorker
    {
        private int asked;

        public bool IsAlive => asked++ == 0 || !SpinWait.SpinUntil(() => !worker.IsAlive, TimeSpan.FromSeconds(20));

        public Task<double> RunAsync(WorkerRequest request, Action<string> progress, CancellationToken cancellation) =>
            worker.RunAsync(request, progress, cancellation);

        public ValueTask DisposeAsync() => worker.DisposeAsync();
    }

    private LocalExecutor Executor(int jobs, PlannedCell[] wanted, Func<ICellWorker>? launch = null) =>
        new(store, jobs, launch ?? (() => new FakeWorker(store, null, log)), display, TimeProvider.System, wanted);

    private IReadOnlySet<string> Run(int jobs, Func<WorkerRequest, Task> body) => Run(jobs, (request, _) => body(request));

    private IReadOnlySet<string> Run(
        int jobs, Func<WorkerRequest, CancellationToken, Task>? body = null, CancellationToken cancellation = default)
    {
        using var executor = Executor(jobs, [scoreA, scoreB], () => new FakeWorker(store, body, log));
        executor.Run([scoreA, scoreB], cancellation);
        return executor.Computed;
    }

    private IEnumerable<string> Log(char sign) => log.Where(line => line[0] == sign);
}
