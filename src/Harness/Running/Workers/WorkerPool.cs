namespace Harness.Running.Workers;

/// <summary>
/// Workers that outlive a run: one that ends idle and alive is lent to the next run, which saves its start (libtorch, just-in-time
/// compilation).
/// </summary>
/// <param name="launch">Starts a worker; called where none is idle.</param>
public sealed class WorkerPool(Func<ICellWorker> launch) : IAsyncDisposable
{
    private readonly Stack<ICellWorker> idle = [];

    /// <summary>An idle worker or a new one. Disposing it gives it back.</summary>
    public ICellWorker Take()
    {
        while (idle.TryPop(out var known))
        {
            if (known.IsAlive) return new Lent(this, known);
            known.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        return new Lent(this, launch());
    }

    /// <summary>Ends the idle ones.</summary>
    public async ValueTask DisposeAsync()
    {
        while (idle.TryPop(out var worker)) await worker.DisposeAsync();
    }

    private sealed class Lent(WorkerPool pool, ICellWorker worker) : ICellWorker
    {
        private Task<double>? work;

        public bool IsAlive => worker.IsAlive;

        public Task<double> RunAsync(WorkerRequest request, Action<string> progress, CancellationToken cancellation) =>
            work = worker.RunAsync(request, progress, cancellation);

        // One that is dead, or still at work because the run was given up, is of no use.
        public async ValueTask DisposeAsync()
        {
            if (worker.IsAlive && work is not { IsCompleted: false }) pool.idle.Push(worker);
            else await worker.DisposeAsync();
        }
    }
}
