using Harness.Planning;
using Harness.Running.Cluster;
using Harness.Running.Workers;

namespace Harness.Running;

/// <summary>Cells failed through no mistake of the user's. The message lists all failures.</summary>
public sealed class RunFailedException(string message) : Exception(message);

/// <summary>A cell that could not be computed.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Message">Why, with a stack trace where the fault is ours.</param>
/// <param name="IsInput">Whether it is a mistake of the user's or of a file's.</param>
public sealed record CellFailure(PlannedCell Cell, string Message, bool IsInput);

/// <summary>
/// Runs cells in long-lived worker processes on this machine, each with one thread; a cell starts as soon as its inputs are complete. A
/// failure stops only what depends on it; a worker that dies gets its cell tried once more, which may be nobody's mistake. Cells that
/// another run on the store is making are waited for. One executor works for all stages of a run, knows all its cells from the start, and
/// keeps its workers between stages, which saves their start (libtorch, just-in-time compilation). What cells contain depends neither on
/// it nor on the order.
/// </summary>
public sealed class LocalExecutor : IDisposable
{
    private const int MostNames = 3;

    // How often another run's cells are looked for.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5), PauseOnCluster = TimeSpan.FromSeconds(5);
    private readonly ClusterDuty? duty;
    private readonly CellStore store;
    private readonly Func<ICellWorker> launch;
    private readonly IRunDisplay display;
    private readonly TimeProvider clock;
    private readonly TimeEstimate estimate;
    private readonly Schedule schedule;
    private readonly ICellWorker?[] workers;
    private readonly Dictionary<Task<double>, (int Slot, PlannedCell Cell, long From)> running = [];
    private readonly OrderedDictionary<string, PlannedCell> elsewhere = new(StringComparer.Ordinal);
    private readonly HashSet<string> lost = new(StringComparer.Ordinal);
    private readonly HashSet<string> computed = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, CellFailure> failures = new(StringComparer.Ordinal);
    private readonly int reused;
    private readonly bool hasSeeds;
    private readonly long from;

    /// <summary>Begins a run and says what it has to compute.</summary>
    /// <param name="store">Where cells are.</param>
    /// <param name="jobs">Number of workers, at least 1.</param>
    /// <param name="launch">Starts a worker; called as often as workers are needed.</param>
    /// <param name="display">Shows what happens.</param>
    /// <param name="clock">Measures time.</param>
    /// <param name="whole">Everything that the run's stages will want.</param>
    /// <exception cref="InputException">The store cannot be made.</exception>
    public LocalExecutor(
        CellStore store, int jobs, Func<ICellWorker> launch, IRunDisplay display, TimeProvider clock, IReadOnlyList<PlannedCell> whole)
        : this(store, jobs, launch, display, clock, whole, null)
    {
    }

    /// <summary>As the other, on a node of a cluster where <paramref name="duty"/> is given.</summary>
    internal LocalExecutor(
        CellStore store, int jobs, Func<ICellWorker> launch, IRunDisplay display, TimeProvider clock, IReadOnlyList<PlannedCell> whole,
        ClusterDuty? duty)
    {
        this.duty = duty;
        if (jobs < 1)
            throw new InputException($"--jobs: found {jobs}, expected at least 1");
        (this.store, this.launch, this.display, this.clock) = (store, launch, display, clock);
        store.Make();
        from = clock.GetTimestamp();
        workers = new ICellWorker?[jobs];
        estimate = TimeEstimate.From(store);
        schedule = new Schedule(estimate);
        schedule.Add(CellSelection.Missing(whole, store));
        var cells = CellSelection.Closure(whole);
        reused = cells.Count(cell => store.Contains(cell.Key));
        hasSeeds = cells.DistinctBy(cell => cell.Seed).Count() > 1;
        display.Say($"{Counted.Of(schedule.Total, "cell")} to compute with {Counted.Of(Math.Min(jobs, schedule.Total), "worker")}, "
            + $"{reused} in the store.");
    }

    /// <summary>Keys of the cells that this run has computed.</summary>
    public IReadOnlySet<string> Computed => computed;

    /// <summary>The cells that failed in the last stage, by key; none that were not tried for want of them.</summary>
    public IReadOnlyDictionary<string, CellFailure> Failures => failures;

    /// <summary>
    /// Runs a stage: makes sure that the wanted cells are in the store, computing what it lacks of them and of what they are made from.
    /// </summary>
    /// <exception cref="InputException">Cells failed through mistakes of the user's; all other cells that could be computed are in the
    /// store.</exception>
    /// <exception cref="RunFailedException">The same through mistakes of ours.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; finished cells are in the store.</exception>
    public void Run(IReadOnlyList<PlannedCell> wanted, CancellationToken cancellation) =>
        RunAsync(wanted, cancellation).GetAwaiter().GetResult();

    /// <summary>Ends the workers.</summary>
    public void Dispose() => EndWorkersAsync(Enumerable.Range(0, workers.Length)).GetAwaiter().GetResult();

    private async Task RunAsync(IReadOnlyList<PlannedCell> wanted, CancellationToken cancellation)
    {
        store.RemoveStaleDrafts();

        // Another run may have made them since the last stage; what waits for them would wait for ever.
        foreach (var cell in schedule.Unfinished.Where(cell => store.Contains(cell.Key))) schedule.Finish(cell);
        var missing = CellSelection.Missing(wanted, store);
        if (missing.Count == 0) return;
        schedule.Add(missing);
        var stage = missing.Select(cell => cell.Key).ToHashSet(StringComparer.Ordinal);
        failures.Clear();
        var goesOn = false;
        display.Begin(Progress, Math.Min(workers.Length, missing.Count));
        try
        {
            await StartAllAsync(stage, cancellation);
            var idleSince = clock.GetTimestamp();
            while (running.Count > 0 || (elsewhere.Count > 0 && !cancellation.IsCancellationRequested))
            {
                if (running.Count > 0) idleSince = clock.GetTimestamp();
                else if (duty is not null && clock.GetElapsedTime(idleSince) > duty.Longest(elsewhere.Values)) break;
                var first = await Task.WhenAny(elsewhere.Count > 0
                    ? [.. running.Keys, Task.Delay(duty is null ? Pause : PauseOnCluster, clock, CancellationToken.None)]
                    : (IEnumerable<Task>)running.Keys);
                if (first is Task<double> ended)
                {
                    running.Remove(ended, out var job);
                    await EndAsync(ended, job.Slot, job.Cell, cancellation);
                }

                LookElsewhere();
                await StartAllAsync(stage, cancellation);
            }

            goesOn = failures.Count == 0 && !cancellation.IsCancellationRequested && schedule.Total > schedule.Finished;
        }
        finally
        {
            // After a mistake of ours some are still at work.
            await EndWorkersAsync(running.Values.Select(job => job.Slot));
            running.Clear();
            elsewhere.Clear();
            display.End();
            if (!goesOn) display.Say(Summary(failures.Count));
            store.RemoveStaleDrafts();
        }

        cancellation.ThrowIfCancellationRequested();
        if (failures.Count > 0)
            throw Failed(missing.Count, stage.Count(computed.Contains));
    }

    private async Task StartAllAsync(IReadOnlySet<string> stage, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested && running.Count < workers.Length && schedule.StartNext(stage) is { } cell)
        {
            if (store.Contains(cell.Key))
            {
                // Another run that shares the store was faster.
                schedule.Finish(cell);
                continue;
            }

            if (duty?.HasFailed(cell) == true)
            {
                schedule.Fail(cell);
                continue;
            }

            if (duty is not null && (!duty.Takes(cell) || store.HolderOf(cell.Key) is not null))
            {
                elsewhere.Add(cell.Key, cell);
                continue;
            }

            var slot = Enumerable.Range(0, workers.Length).First(free => running.Values.All(job => job.Slot != free));
            await ReplaceDeadAsync(slot);
            var worker = workers[slot] ??= launch();
            display.CellStarted(slot, NameOf(cell));
            duty?.Begin(cell);
            var task = worker.RunAsync(WorkerRequest.For(cell, store), line => display.CellProgress(slot, line), cancellation);
            running.Add(task, (slot, cell, clock.GetTimestamp()));
        }
    }

    private async Task EndAsync(Task<double> ended, int slot, PlannedCell cell, CancellationToken cancellation)
    {
        try
        {
            var seconds = await ended;
            schedule.Finish(cell);
            estimate.Add(cell, seconds);
            computed.Add(cell.Key);
            display.CellEnded(slot, NameOf(cell), Duration.Text(seconds), Progress);
        }
        catch (CellTakenException taken)
        {
            elsewhere.Add(cell.Key, cell);
            display.CellEnded(slot, NameOf(cell), $"waits: {taken.Message}", Progress);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The run ends; its workers have been told.
        }
        catch (WorkerCrashException death) when (death.IsDeath && !cancellation.IsCancellationRequested && lost.Add(cell.Key))
        {
            schedule.PutBack(cell);
            display.CellEnded(slot, NameOf(cell), $"LOST, tried once more: {death.Message.Split('\n')[0]}", Progress);
        }
        catch (Exception failure) when (failure is InputException or WorkerCrashException)
        {
            schedule.Fail(cell);
            failures[cell.Key] = new CellFailure(cell, failure.Message, failure is InputException);
            display.CellEnded(slot, NameOf(cell), $"FAILED: {failure.Message.Split('\n')[0]}", Progress);
        }

        duty?.End(cell, failures.GetValueOrDefault(cell.Key));
        await ReplaceDeadAsync(slot);
    }

    // Another run's cells: made by now, or given up, so that they are to be made here.
    private void LookElsewhere()
    {
        foreach (var cell in elsewhere.Values.ToList())
        {
            var isMade = store.Contains(cell.Key);
            var isLost = !isMade && duty?.HasFailed(cell) == true;
            if (!isMade && !isLost && (duty?.Takes(cell) == false || store.HolderOf(cell.Key) is not null)) continue;
            elsewhere.Remove(cell.Key);
            if (isMade) schedule.Finish(cell);
            else if (isLost) schedule.Fail(cell);
            else schedule.PutBack(cell);
        }
    }

    // One that dies between two cells is no cell's failure.
    private async Task ReplaceDeadAsync(int slot)
    {
        if (workers[slot] is { IsAlive: false }) await EndWorkersAsync([slot]);
    }

    private async Task EndWorkersAsync(IEnumerable<int> slots)
    {
        foreach (var slot in slots)
        {
            if (workers[slot] is not { } worker) continue;
            workers[slot] = null;
            await worker.DisposeAsync();
        }
    }

    private RunProgress Progress => new(schedule.Finished, schedule.Total, estimate.Left(
        schedule.Unfinished, workers.Length,
        running.Values.ToDictionary(job => job.Cell.Key, job => clock.GetElapsedTime(job.From).TotalSeconds)));

    private string Summary(int failures)
    {
        var found = reused + schedule.Finished - computed.Count;
        var failed = failures > 0 ? $", {failures} failed" : "";
        var time = Duration.Text(clock.GetElapsedTime(from).TotalSeconds);
        return $"{Counted.Of(computed.Count, "cell")} computed, {found} reused{failed}, {time}.";
    }

    // Experiments of one seed do not repeat it in every line.
    private string NameOf(PlannedCell cell) => hasSeeds ? $"{cell.Name} (seed {cell.Seed})" : cell.Name;

    private static string Few(IReadOnlyList<string> names) => string.Join(", ", names.Take(MostNames))
        + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");

    private Exception Failed(int total, int kept)
    {
        // One missing model fails every cell that needs it: it is told once.
        var lines = failures.Values.GroupBy(failure => failure.Message)
            .Select(same => $"  {Few([.. same.Select(failure => NameOf(failure.Cell))])}: {same.Key.ReplaceLineEndings("\n    ")}");
        var message = $"{failures.Count} of {total} cells failed; the {kept} that could be computed are kept:\n{string.Join("\n", lines)}";
        if (schedule.GivenUp is { Count: > 0 } givenUp)
            message += $"\n  not computed for want of them: {Few([.. givenUp.Select(NameOf)])}";
        return failures.Values.All(failure => failure.IsInput) ? new InputException(message) : new RunFailedException(message);
    }
}
