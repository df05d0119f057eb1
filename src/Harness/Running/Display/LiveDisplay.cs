using Harness.Planning;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Harness.Running.Display;

/// <summary>On a terminal: a bar over the cells with the time left, and below it each worker's cell with its last progress line.</summary>
/// <param name="console">The terminal.</param>
public sealed class LiveDisplay(IAnsiConsole console) : IRunDisplay
{
    private const int BarWidth = 40;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
    private readonly Lock gate = new();
    private TaskCompletionSource ended = new();
    private (PlannedCell? Cell, string Line, long From)[] workers = [];
    private RunProgress progress = new(0, 0, 0);
    private long progressAt;
    private Task drawing = Task.CompletedTask;

    /// <inheritdoc />
    public void Begin(int missing, int reused, int workers)
    {
        console.WriteLine(RunDisplay.BeginLine(missing, reused, workers));
        this.workers = new (PlannedCell?, string, long)[workers];
        progress = new RunProgress(0, missing, 0);
        ended = new TaskCompletionSource();
        if (missing > 0)
            drawing = Task.Run(Draw);
    }

    /// <inheritdoc />
    public void CellStarted(int worker, PlannedCell cell)
    {
        lock (gate)
            workers[worker] = (cell, "", TimeProvider.System.GetTimestamp());
    }

    /// <inheritdoc />
    public void CellProgress(int worker, string line)
    {
        lock (gate)
            workers[worker].Line = line.ReplaceLineEndings(" ");
    }

    /// <inheritdoc />
    public void CellFinished(int worker, PlannedCell cell, double seconds, RunProgress progress) => Advance(worker, progress);

    /// <inheritdoc />
    public void CellFailed(int worker, PlannedCell cell, string message, RunProgress progress) => Advance(worker, progress);

    /// <inheritdoc />
    public void End(RunSummary summary, int failures)
    {
        ended.TrySetResult();
        drawing.GetAwaiter().GetResult();
        if (progress.Total > 0)
            console.WriteLine(RunDisplay.EndLine(summary, failures));
    }

    /// <summary>A display without colours and cursor movements that writes to a text.</summary>
    internal static LiveDisplay On(TextWriter output, int width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width;
        console.Profile.Height = 24; // Where there is no terminal the height is 0, which Spectre's cropping cannot live with.
        return new LiveDisplay(console);
    }

    /// <summary>Writes what <see cref="Draw"/> would show now.</summary>
    internal void WritePicture() => console.Write(Picture());

    private Rows Picture()
    {
        lock (gate)
        {
            var done = progress.Total == 0 ? 0 : progress.Finished * BarWidth / progress.Total;
            var sinceThen = progressAt == 0 ? 0 : TimeProvider.System.GetElapsedTime(progressAt).TotalSeconds;
            var left = progressAt == 0 ? "" : $", about {Duration.Rough(Math.Max(1, progress.SecondsLeft - sinceThen))} left";
            var bar = $"[green]{new string('━', done)}[/][grey]{new string('━', BarWidth - done)}[/]";
            List<IRenderable> lines = [new Markup($"{bar} {progress.Finished}/{progress.Total}{left}")];
            foreach (var (cell, line, from) in workers.Where(worker => worker.Cell is not null))
            {
                var elapsed = Duration.Text(TimeProvider.System.GetElapsedTime(from).TotalSeconds);
                var text = $"  {Markup.Escape(cell!.Name)} [grey]{elapsed}  {Markup.Escape(line)}[/]";
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

    private void Advance(int worker, RunProgress now)
    {
        lock (gate)
        {
            workers[worker].Cell = null;
            (progress, progressAt) = (now, TimeProvider.System.GetTimestamp());
        }
    }
}
