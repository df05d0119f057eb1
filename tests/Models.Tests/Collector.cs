namespace Harness.Tests;

/// <summary>Allocates and collects on other threads until it is disposed, as a busy process does beside its computing thread.</summary>
internal sealed class Collector : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Thread[] threads;

    public Collector()
    {
        threads = [new(Collect) { IsBackground = true }, new(Allocate) { IsBackground = true }];
        foreach (var thread in threads) thread.Start();
    }

    /// <summary>Collections of any generation since the process began.</summary>
    public static int Collections => GC.CollectionCount(0);

    public void Dispose()
    {
        stop.Cancel();
        foreach (var thread in threads) thread.Join();
        stop.Dispose();
    }

    private void Collect()
    {
        while (!stop.IsCancellationRequested)
        {
            GC.Collect(0);
            GC.WaitForPendingFinalizers();
        }
    }

    private void Allocate()
    {
        var kept = new Queue<byte[]>();
        while (!stop.IsCancellationRequested)
        {
            kept.Enqueue(new byte[512]);
            if (kept.Count > 1000) kept.Clear();
            if (kept.Count % 100 == 0) Thread.Yield();
        }
    }
}
