using System.Collections.Concurrent;
using Harness.Planning;

namespace Harness.Running.Display;

/// <summary>
/// One line for each finished cell, flushed at once: for logs and pipes. A cell that takes long says how far it is, once a minute.
/// </summary>
/// <param name="output">Where lines go.</param>
/// <param name="clock">Measures the minute; the system's by default.</param>
public sealed class PlainDisplay(TextWriter output, TimeProvider? clock = null) : IRunDisplay
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<int, (PlannedCell Cell, long Since)> workers = new();
    private bool anything;

    /// <inheritdoc />
    public void Begin(int missing, int reused, int workers)
    {
        anything = missing > 0;
        Write(RunDisplay.BeginLine(missing, reused, workers));
    }

    /// <inheritdoc />
    public void CellStarted(int worker, PlannedCell cell) => workers[worker] = (cell, clock.GetTimestamp());

    /// <inheritdoc />
    public void CellProgress(int worker, string line)
    {
        if (!workers.TryGetValue(worker, out var last) || clock.GetElapsedTime(last.Since) < Silence)
            return;
        workers[worker] = (last.Cell, clock.GetTimestamp());
        Write($"      {last.Cell.Name}: {line.ReplaceLineEndings(" ")}");
    }

    /// <inheritdoc />
    public void CellFinished(int worker, PlannedCell cell, double seconds, RunProgress progress) =>
        Write($"[{progress.Finished}/{progress.Total}] {cell.Name} {Duration.Text(seconds)}{Left(progress)}");

    /// <inheritdoc />
    public void CellFailed(int worker, PlannedCell cell, string message, RunProgress progress) =>
        Write($"[{progress.Finished}/{progress.Total}] {cell.Name} FAILED: {message.Split('\n')[0]}{Left(progress)}");

    /// <inheritdoc />
    public void End(RunSummary summary, int failures)
    {
        if (anything)
            Write(RunDisplay.EndLine(summary, failures));
    }

    private static string Left(RunProgress progress) =>
        progress.Finished < progress.Total && progress.SecondsLeft > 0 ? $", about {Duration.Rough(progress.SecondsLeft)} left" : "";

    private void Write(string line)
    {
        // Progress comes on any thread.
        lock (workers)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
