using Harness.Planning;
using Harness.Running.Display;
using Harness.Running.Workers;

namespace Harness.Running;

/// <summary>
/// One run of a <see cref="LocalExecutor"/>: a single loop that starts cells on free workers and waits for the first to end.
/// </summary>
internal sealed class LocalRun(
    CellStore store, int jobs, Func<ICellWorker> launch, IRunDisplay display, TimeProvider clock, IReadOnlyList<PlannedCell> missing)
{
    private readonly TimeEstimate estimate = TimeEstimate.From(store);
    private readonly ICellWorker?[] workers = new ICellWorker?[jobs];
    private readonly Dictionary<Task<double>, (int Slot, PlannedCell Cell, long From)> running = [];
    private readonly List<CellFailure> failures = [];

    /// <summary>Cells that this run has computed so far.</summary>
    public int Computed { get; private set; }

    /// <summary>Cells that other runs on the same store have made meanwhile.</summary>
    public int MadeElsewhere { get; private set; }

    /// <summary>How a run ended.</summary>
    internal sealed record Result(IReadOnlyList<CellFailure> Failures, IReadOnlyList<PlannedCell> GivenUp)
    {
        /// <summary>Nothing was to be done.</summary>
        public static Result Nothing { get; } = new([], []);
    }

    /// <summary>Runs all cells that can be run, or until it is cancelled.</summary>
    public async Task<Result> RunAsync(CancellationToken cancellation)
    {
        var schedule = new Schedule(missing, estimate);
        try
        {
            await StartAllAsync(schedule, cancellation);
            while (running.Count > 0)
            {
                var ended = await Task.WhenAny(running.Keys);
                running.Remove(ended, out var job);
                await EndAsync(ended, job.Slot, job.Cell, schedule, cancellation);
                await StartAllAsync(schedule, cancellation);
            }
        }
        finally
        {
            // Whatever happened, no worker outlives the run.
            foreach (var worker in workers.OfType<ICellWorker>())
                await worker.DisposeAsync();
        }

        return new Result(failures, schedule.GivenUp);
    }

    private async Task StartAllAsync(Schedule schedule, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested && running.Count < jobs && schedule.StartNext() is { } cell)
        {
            if (store.Contains(cell.Key))
            {
                // Another run that shares the store was faster.
                MadeElsewhere++;
                schedule.Finish(cell);
                continue;
            }

            var slot = Enumerable.Range(0, jobs).First(free => running.Values.All(job => job.Slot != free));
            await ReplaceDeadAsync(slot);
            var worker = workers[slot] ??= launch();
            display.CellStarted(slot, cell);
            var task = worker.RunAsync(WorkerRequest.For(cell, store), line => display.CellProgress(slot, line), cancellation);
            running.Add(task, (slot, cell, clock.GetTimestamp()));
        }
    }

    private async Task EndAsync(Task<double> ended, int slot, PlannedCell cell, Schedule schedule, CancellationToken cancellation)
    {
        try
        {
            var seconds = await ended;
            schedule.Finish(cell);
            estimate.Add(cell, seconds);
            Computed++;
            display.CellFinished(slot, cell, seconds, ProgressOf(schedule));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The run ends; its workers have been told.
        }
        catch (Exception failure) when (failure is InputException or WorkerCrashException)
        {
            schedule.Fail(cell);
            failures.Add(new CellFailure(cell.Name, failure.Message, failure is InputException));
            display.CellFailed(slot, cell, failure.Message, ProgressOf(schedule));
        }

        await ReplaceDeadAsync(slot);
    }

    // One that dies between two cells is no cell's failure.
    private async Task ReplaceDeadAsync(int slot)
    {
        if (workers[slot] is not { IsAlive: false } dead) return;
        await dead.DisposeAsync();
        workers[slot] = null;
    }

    private RunProgress ProgressOf(Schedule schedule)
    {
        var elapsed = running.Values.ToDictionary(job => job.Cell.Key, job => clock.GetElapsedTime(job.From).TotalSeconds);
        return new RunProgress(Computed + MadeElsewhere, missing.Count, estimate.Left(schedule.Unfinished, elapsed, jobs));
    }
}
