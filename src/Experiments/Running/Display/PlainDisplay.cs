using Harness.Experiments.Planning;

namespace Harness.Experiments.Running.Display;

/// <summary>One line for each finished cell, flushed at once: for logs and pipes.</summary>
/// <param name="output">Where lines go.</param>
public sealed class PlainDisplay(TextWriter output) : IRunDisplay
{
    private bool anything;

    /// <inheritdoc />
    public void Begin(int missing, int reused, int workers)
    {
        anything = missing > 0;
        Write(RunDisplay.BeginLine(missing, reused, workers));
    }

    /// <inheritdoc />
    public void CellStarted(int worker, PlannedCell cell) { }

    /// <inheritdoc />
    public void CellProgress(int worker, string line) { }

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
        output.WriteLine(line);
        output.Flush();
    }
}
