using Harness.Planning;
using Harness.Running.Display;
using Harness.Running.Workers;

namespace Harness.Running;

/// <summary>
/// Runs cells in long-lived worker processes on this machine, each with one thread; a cell starts as soon as its inputs are complete. A
/// failure stops only what depends on it.
/// </summary>
/// <param name="store">Where cells are.</param>
/// <param name="jobs">Number of workers, at least 1.</param>
/// <param name="launch">Starts a worker; called as often as workers are needed.</param>
/// <param name="display">Shows what happens.</param>
/// <param name="clock">Measures time.</param>
public sealed class LocalExecutor(CellStore store, int jobs, Func<ICellWorker> launch, IRunDisplay display, TimeProvider clock) : IExecutor
{
    /// <inheritdoc />
    public RunSummary Run(IReadOnlyList<PlannedCell> wanted, CancellationToken cancellation)
    {
        if (jobs < 1)
            throw new InputException($"--jobs: found {jobs}, expected at least 1");
        return RunAsync(wanted, cancellation).GetAwaiter().GetResult();
    }

    private async Task<RunSummary> RunAsync(IReadOnlyList<PlannedCell> wanted, CancellationToken cancellation)
    {
        var from = clock.GetTimestamp();
        store.RemoveStaleDrafts();
        var missing = CellSelection.Missing(wanted, store);
        var reused = CellSelection.Closure(wanted).Count(cell => store.Contains(cell.Key));
        var run = missing.Count > 0 ? new LocalRun(store, jobs, launch, display, clock, missing) : null;
        var result = LocalRun.Result.Nothing;
        RunSummary Summary() =>
            new(run?.Computed ?? 0, reused + (run?.MadeElsewhere ?? 0), clock.GetElapsedTime(from).TotalSeconds);
        display.Begin(missing.Count, reused, Math.Min(jobs, missing.Count));
        try
        {
            if (run is not null)
                result = await run.RunAsync(cancellation);
        }
        finally
        {
            display.End(Summary(), result.Failures.Count);
        }

        store.RemoveStaleDrafts();
        cancellation.ThrowIfCancellationRequested();
        if (result.Failures.Count > 0)
            throw Failed(result, missing.Count, run?.Computed ?? 0);
        return Summary();
    }

    private static Exception Failed(LocalRun.Result run, int total, int computed)
    {
        // One missing model fails every cell that needs it: it is told once.
        var lines = run.Failures.GroupBy(failure => failure.Message)
            .Select(same => $"  {string.Join(", ", same.Select(failure => failure.Cell))}: {same.Key.ReplaceLineEndings("\n    ")}");
        var head = $"{run.Failures.Count} of {total} cells failed; the {computed} that could be computed are kept:";
        var message = $"{head}\n{string.Join("\n", lines)}";
        if (run.GivenUp.Count > 0)
            message += $"\n  not computed for want of them: {string.Join(", ", run.GivenUp.Select(cell => cell.Name))}";
        return run.Failures.All(failure => failure.IsInput) ? new InputException(message) : new RunFailedException(message);
    }
}
