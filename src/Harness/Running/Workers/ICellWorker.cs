namespace Harness.Running.Workers;

/// <summary>Makes one cell at a time, usually in a process of its own.</summary>
public interface ICellWorker : IAsyncDisposable
{
    /// <summary>Whether it can take another cell.</summary>
    bool IsAlive { get; }

    /// <summary>Makes a cell and commits it to the store; returns the seconds that it took.</summary>
    /// <param name="request">The cell.</param>
    /// <param name="progress">Receives the cell's progress lines, on any thread.</param>
    /// <param name="cancellation">Ends the worker.</param>
    /// <exception cref="InputException">A mistake of the user's or of a file's.</exception>
    /// <exception cref="WorkerCrashException">A mistake of ours, or the end of the process.</exception>
    Task<double> RunAsync(WorkerRequest request, Action<string> progress, CancellationToken cancellation);
}

/// <summary>A cell's body failed through no mistake of the user's; the message holds all that is known.</summary>
public sealed class WorkerCrashException(string message) : Exception(message);
