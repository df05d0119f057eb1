using System.Collections.Concurrent;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Harness.Running;

/// <summary>How far a whole run is, over all its stages and experiments.</summary>
/// <param name="Finished">Cells that were to be computed and are in the store now.</param>
/// <param name="Total">Cells to compute in the run.</param>
/// <param name="SecondsLeft">Estimate of the wall-clock seconds left.</param>
public sealed record RunProgress(int Finished, int Total, double SecondsLeft);

/// <summary>Shows people what a run does. Calls come from one thread, except <see cref="CellProgress"/>.</summary>
public interface IRunDisplay
{
    /// <summary>A line of its own, while no stage computes.</summary>
    void Say(string line);

    /// <summary>A stage of the run begins to compute.</summary>
    /// <param name="progress">How far the run is.</param>
    /// <param name="workers">Workers that can be busy at once.</param>
    void Begin(RunProgress progress, int workers);

    /// <summary>A worker begins a cell.</summary>
    void CellStarted(int worker, string cell);

    /// <summary>A cell says how far it is.</summary>
    void CellProgress(int worker, string line);

    /// <summary>A cell is in the store, or failed; the run's own error tells all of that.</summary>
    /// <param name="worker">Its worker.</param>
    /// <param name="cell">The cell's name.</param>
    /// <param name="how">In how much time, or why not.</param>
    /// <param name="progress">How far the run is now.</param>
    void CellEnded(int worker, string cell, string how, RunProgress progress);

    /// <summary>The stage ended.</summary>
    void End();
}

/// <summary>Chooses a display.</summary>
public static class RunDisplay
{
    /// <summary>A live one on a terminal, plain lines anywhere else, none where the user wants quiet.</summary>
    public static IRunDisplay ForConsole(bool isQuiet) =>
        isQuiet ? new PlainDisplay(TextWriter.Null)
        : Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive
            ? new PlainDisplay(Console.Out)
        : new LiveDisplay(AnsiConsole.Console);
}

/// <summary>
/// One line for each finished cell, flushed at once: for logs and pipes. A cell that takes long says how far it is, once a minute.
/// </summary>
/// <param name="output">Where lines go.</param>
/// <param name="clock">Measures the minute; the system's by default.</param>
internal sealed class PlainDisplay(TextWriter output, TimeProvider? clock = null) : IRunDisplay
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<int, (string Cell, long Since)> workers = new();

    public void Say(string line)
    {
        // Progress comes on any thread.
        lock (workers)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    public void Begin(RunProgress progress, int workers) => this.workers.Clear();

    public void CellStarted(int worker, string cell) => workers[worker] = (cell, clock.GetTimestamp());

    public void CellProgress(int worker, string line)
    {
        if (!workers.TryGetValue(worker, out var last) || clock.GetElapsedTime(last.Since) < Silence)
            return;
        workers[worker] = (last.Cell, clock.GetTimestamp());
        Say($"      {last.Cell}: {line.ReplaceLineEndings(" ")}");
    }

    public void CellEnded(int worker, string cell, string how, RunProgress progress)
    {
        var left = progress.Finished < progress.Total && progress.SecondsLeft > 0
            ? $", about {Duration.Rough(progress.SecondsLeft)} left"
            : "";
        Say($"[{progress.Finished}/{progress.Total}] {cell} {how}{left}");
    }

    public void End() { }
}

/// <summary>
/// On a terminal: a bar over the run's cells with the time left, and below it each worker's cell with its last progress line.
/// </summary>
/// <param name="console">The terminal.</param>
internal sealed class LiveDisplay(IAnsiConsole console) : IRunDisplay
{
    private const int BarWidth = 40;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
    private readonly Lock gate = new();
    private TaskCompletionSource ended = new();
    private (string? Cell, string Line, long From)[] workers = [];
    private RunProgress progress = new(0, 0, 0);
    private long progressAt;
    private Task drawing = Task.CompletedTask;

    public void Say(string line) => console.WriteLine(line);

    public void Begin(RunProgress progress, int workers)
    {
        this.workers = new (string?, string, long)[workers];
        (this.progress, progressAt) = (progress, TimeProvider.System.GetTimestamp());
        ended = new TaskCompletionSource();
        drawing = Task.Run(Draw);
    }

    public void CellStarted(int worker, string cell)
    {
        lock (gate)
            workers[worker] = (cell, "", TimeProvider.System.GetTimestamp());
    }

    public void CellProgress(int worker, string line)
    {
        lock (gate)
            workers[worker].Line = line.ReplaceLineEndings(" ");
    }

    public void CellEnded(int worker, string cell, string how, RunProgress progress)
    {
        lock (gate)
        {
            workers[worker].Cell = null;
            (this.progress, progressAt) = (progress, TimeProvider.System.GetTimestamp());
        }
    }

    public void End()
    {
        ended.TrySetResult();
        drawing.GetAwaiter().GetResult();
    }

    /// <summary>A display without colours and cursor movements that writes to a text.</summary>
    public static LiveDisplay On(TextWriter output, int width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width;
        console.Profile.Height = 24; // Where there is no terminal the height is 0, which Spectre's cropping cannot live with.
        return new LiveDisplay(console);
    }

    /// <summary>Writes what <see cref="Draw"/> would show now.</summary>
    public void WritePicture() => console.Write(Picture());

    private Rows Picture()
    {
        lock (gate)
        {
            var done = progress.Total == 0 ? 0 : progress.Finished * BarWidth / progress.Total;
            var left = progress.SecondsLeft - TimeProvider.System.GetElapsedTime(progressAt).TotalSeconds;
            var bar = $"[green]{new string('━', done)}[/][grey]{new string('━', BarWidth - done)}[/]";
            List<IRenderable> lines =
                [new Markup($"{bar} {progress.Finished}/{progress.Total}, about {Duration.Rough(Math.Max(1, left))} left")];
            foreach (var (cell, line, from) in workers.Where(worker => worker.Cell is not null))
            {
                var elapsed = Duration.Text(TimeProvider.System.GetElapsedTime(from).TotalSeconds);
                var text = $"  {Markup.Escape(cell!)} [grey]{elapsed}  {Markup.Escape(line)}[/]";
                lines.Add(new Markup(text) { Overflow = Overflow.Ellipsis });
            }

            return new Rows(lines);
        }
    }

    private void Draw() => console.Live(Picture()).AutoClear(true).Start(context =>
    {
        while (!ended.Task.Wait(Refresh))
        {
            context.UpdateTarget(Picture());
            context.Refresh();
        }
    });
}

/// <summary>Words for numbers of things.</summary>
internal static class Counted
{
    /// <summary><c>1 cell</c>, <c>2 cells</c>.</summary>
    public static string Of(int count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";
}

/// <summary>Words for durations.</summary>
public static class Duration
{
    /// <summary><c>8.2 s</c>, <c>1 min 10 s</c>, <c>2 h 5 min</c>.</summary>
    public static string Text(double seconds)
    {
        if (seconds < 59.95)
            return string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
        var whole = (long)Math.Round(seconds);
        return whole < 3600 ? $"{whole / 60} min {whole % 60} s" : $"{whole / 3600} h {whole % 3600 / 60} min";
    }

    /// <summary>The same, rounded to what an estimate is worth: <c>8 s</c>, <c>1 min 10 s</c>, <c>12 min</c>.</summary>
    public static string Rough(double seconds) => seconds switch
    {
        < 20 => $"{Math.Max(1, Math.Round(seconds))} s",
        < 60 => $"{Math.Min(55, Math.Round(seconds / 5) * 5)} s",
        < 600 => Text(Math.Round(seconds / 10) * 10).Replace(" 0 s", "", StringComparison.Ordinal),
        < 3570 => $"{Math.Round(seconds / 60)} min",
        _ => Text(Math.Round(seconds / 300) * 300),
    };
}
