using System.Collections.Concurrent;
using Harness.Planning;
using Harness.Running;
using Harness.Running.Display;
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

/// <summary>Keeps the lines of a plain display.</summary>
internal sealed class RecordingDisplay(StringWriter text) : IRunDisplay
{
    private readonly PlainDisplay plain = new(text);

    public string[] Lines => text.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public void Begin(int missing, int reused, int workers) => plain.Begin(missing, reused, workers);

    public void CellStarted(int worker, PlannedCell cell) => plain.CellStarted(worker, cell);

    public void CellProgress(int worker, string line) => plain.CellProgress(worker, line);

    public void CellFinished(int worker, PlannedCell cell, double seconds, RunProgress progress) =>
        plain.CellFinished(worker, cell, 8.2, progress with { SecondsLeft = 70 });

    public void CellFailed(int worker, PlannedCell cell, string message, RunProgress progress) =>
        plain.CellFailed(worker, cell, message, progress with { SecondsLeft = 0 });

    public void End(RunSummary summary, int failures) => plain.End(summary with { Seconds = 190 }, failures);
}
