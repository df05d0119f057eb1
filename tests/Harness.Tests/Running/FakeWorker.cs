using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Harness.Running;
using Harness.Running.Workers;

namespace Harness.Tests.Running;

/// <summary>
/// A worker in the test's process: it stores a cell whose content is made of its inputs', unless the test says otherwise.
/// </summary>
internal sealed class FakeWorker(CellStore store, Func<WorkerRequest, CancellationToken, Task>? body, ConcurrentQueue<string> log)
    : ICellWorker
{
    public bool IsAlive { get; private set; } = true;

    public async Task<double> RunAsync(WorkerRequest request, Action<string> progress, CancellationToken cancellation)
    {
        await Task.Yield();
        log.Enqueue($"+{request.Name}");
        progress("working");
        try
        {
            if (body is not null)
                await body(request, cancellation);
        }
        catch (WorkerCrashException)
        {
            IsAlive = false;
            throw;
        }

        var seconds = new CellJob(store, Write, TimeProvider.System).Run(request, new Progress<string>(progress), cancellation);
        log.Enqueue($"-{request.Name}");
        return seconds;
    }

    public ValueTask DisposeAsync()
    {
        log.Enqueue("end");
        return ValueTask.CompletedTask;
    }

    private static void Write(Measuring.Cells.CellRequest cell, IProgress<string> progress, CancellationToken cancellation)
    {
        var inputs = cell.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal)
            .Select(input => File.ReadAllText(Path.Combine(input.Value, "data.txt")));
        File.WriteAllText(Path.Combine(cell.OutputFolder, "data.txt"), $"{cell.Kind}({string.Join(",", inputs)})");
    }
}

/// <summary>Keeps the lines of a plain display; every duration is the same.</summary>
internal sealed partial class RecordingDisplay(StringWriter text) : IRunDisplay
{
    private readonly PlainDisplay plain = new(text);

    public string[] Lines => text.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public void Say(string line) => plain.Say(Seconds().Replace(line, "8.2 s"));

    public void Begin(RunProgress progress, int workers) => plain.Begin(progress, workers);

    public void CellStarted(int worker, string cell) => plain.CellStarted(worker, cell);

    public void CellProgress(int worker, string line) => plain.CellProgress(worker, line);

    public void CellEnded(int worker, string cell, string how, RunProgress progress) =>
        plain.CellEnded(worker, cell, Seconds().Replace(how, "8.2 s"), progress with { SecondsLeft = how.StartsWith('F') ? 0 : 70 });

    public void End() => plain.End();

    [GeneratedRegex(@"\d+\.\d s")]
    private static partial Regex Seconds();
}
