using Harness.Planning;
using Spectre.Console;

namespace Harness.Running.Display;

/// <summary>Shows people what a run does. Calls come from one thread, except <see cref="CellProgress"/>.</summary>
public interface IRunDisplay
{
    /// <summary>The run begins.</summary>
    /// <param name="missing">Cells to compute.</param>
    /// <param name="reused">Cells in the store.</param>
    /// <param name="workers">Workers that can be busy at once.</param>
    void Begin(int missing, int reused, int workers);

    /// <summary>A worker begins a cell.</summary>
    void CellStarted(int worker, PlannedCell cell);

    /// <summary>A cell says how far it is.</summary>
    void CellProgress(int worker, string line);

    /// <summary>A cell is in the store.</summary>
    void CellFinished(int worker, PlannedCell cell, double seconds, RunProgress progress);

    /// <summary>A cell failed; the run's own error tells all of it.</summary>
    void CellFailed(int worker, PlannedCell cell, string message, RunProgress progress);

    /// <summary>The run ended.</summary>
    void End(RunSummary summary, int failures);
}

/// <summary>Chooses a display.</summary>
public static class RunDisplay
{
    /// <summary>A live one on a terminal, plain lines anywhere else.</summary>
    public static IRunDisplay ForConsole() =>
        Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive
            ? new PlainDisplay(Console.Out)
            : new LiveDisplay(AnsiConsole.Console);

    /// <summary>The first line of a run.</summary>
    internal static string BeginLine(int missing, int reused, int workers) => missing == 0
        ? $"Nothing to compute: all {Cells(reused)} are in the store."
        : $"{Cells(missing)} to compute with {workers} {(workers == 1 ? "worker" : "workers")}, {reused} in the store.";

    /// <summary>The last line of a run.</summary>
    internal static string EndLine(RunSummary summary, int failures)
    {
        var failed = failures > 0 ? $", {failures} failed" : "";
        return $"{Cells(summary.Computed)} computed, {summary.Reused} reused{failed}, {Duration.Text(summary.Seconds)}.";
    }

    private static string Cells(int count) => count == 1 ? "1 cell" : $"{count} cells";
}
