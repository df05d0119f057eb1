using System.Collections.Concurrent;
using System.Runtime;
using Harness.Downloads;
using Harness.Measuring.Cells;
using Harness.Planning;

namespace Harness.Running.Workers;

/// <summary>
/// The worker process: reads one <see cref="WorkerRequest"/> a line from standard input, makes the cell, answers on standard output with
/// <see cref="WorkerReply"/> lines. It ends when its input ends, in the middle of a cell too, so that a killed parent leaves no orphan.
/// </summary>
public static class Worker
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Entry point of <c>worker</c>; returns the exit code.</summary>
    /// <param name="args">None are known.</param>
    public static int Run(string[] args)
    {
        if (args.Length > 0)
        {
            Console.Error.WriteLine($"worker: found the arguments '{string.Join(' ', args)}', expected none");
            return 1;
        }

        // A background collection frees scalars and tensors on another thread while native code may read them (docs/decisions/0011).
        if (GCSettings.LatencyMode != GCLatencyMode.Batch)
        {
            Console.Error.WriteLine(
                "worker: found concurrent garbage collection, expected none; start it with DOTNET_gcConcurrent=0, as the harness does");
            return 1;
        }

        // Ctrl-C reaches the whole group of processes; what becomes of the workers is the parent's decision.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        using var replies = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true, NewLine = "\n" };
        Console.SetOut(Console.Error);
        using var requests = new StreamReader(Console.OpenStandardInput());
        Serve(requests, replies, (request, progress, cancellation) =>
        {
            CellJob.CheckContext(request, KeyContext.For(request.Device));
            return new CellJob(new CellStore(request.Store), CellRunner.Run, TimeProvider.System).Run(request, progress, cancellation);
        });
        return 0;
    }

    /// <summary>Answers requests until the input ends.</summary>
    internal static void Serve(
        TextReader requests, TextWriter replies, Func<WorkerRequest, IProgress<string>, CancellationToken, double> make)
    {
        using var queue = new BlockingCollection<string>();
        using var cancellation = new CancellationTokenSource();
        using var finished = new ManualResetEventSlim();
        var reader = new Thread(() =>
        {
            while (requests.ReadLine() is { } line)
                queue.Add(line);
            queue.CompleteAdding();
            cancellation.Cancel();
            if (!finished.Wait(Grace))
                Environment.Exit(1);
        })
        { IsBackground = true };
        reader.Start();
        foreach (var line in queue.GetConsumingEnumerable())
            Send(replies, Answer(CanonicalJson.FromText<WorkerRequest>(line), replies, make, cancellation.Token));
        finished.Set();
        reader.Join();
    }

    private static WorkerReply Answer(
        WorkerRequest request, TextWriter replies, Func<WorkerRequest, IProgress<string>, CancellationToken, double> make,
        CancellationToken cancellation)
    {
        try
        {
            var seconds = make(request, new Lines(text => Send(replies, new WorkerReply(WorkerEvent.Progress, text))), cancellation);
            return new WorkerReply(WorkerEvent.Done, request.Name, seconds);
        }
        catch (InputException mistake)
        {
            return new WorkerReply(WorkerEvent.InputError, mistake.Message);
        }
        catch (CellTakenException taken)
        {
            return new WorkerReply(WorkerEvent.Taken, taken.Message);
        }
#pragma warning disable CA1031 // Whatever a cell throws is reported; the worker lives on.
        catch (Exception crash)
#pragma warning restore CA1031
        {
            return new WorkerReply(WorkerEvent.Crash, crash.ToString());
        }
    }

    private static void Send(TextWriter replies, WorkerReply reply)
    {
        lock (replies)
            replies.WriteLine(CanonicalJson.ToText(reply));
    }

    /// <summary>Hands progress on at once, in order; <see cref="Progress{T}"/> would post it to another thread.</summary>
    private sealed class Lines(Action<string> send) : IProgress<string>
    {
        public void Report(string value) => send(value);
    }
}

/// <summary>Makes one cell in this process: opens its inputs, runs its body in a draft, commits.</summary>
/// <param name="store">The store.</param>
/// <param name="body">The body, <see cref="CellRunner.Run"/> outside tests.</param>
/// <param name="clock">Measures the time that it takes.</param>
public sealed class CellJob(CellStore store, Action<CellRequest, IProgress<string>, CancellationToken> body, TimeProvider clock)
{
    /// <summary>Makes the cell and returns the seconds that it took.</summary>
    /// <exception cref="InputException">An input is damaged, the store is full, or the body found a mistake of the user's.</exception>
    /// <exception cref="CellTakenException">Another process makes it or has made it.</exception>
    public double Run(WorkerRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        var started = clock.GetUtcNow();
        var from = clock.GetTimestamp();
        var inputs = request.Inputs.ToDictionary(input => input.Key, input => store.Open(input.Value));
        using var draft = store.TryCreate(request.Key)
            ?? throw new CellTakenException($"{request.Name}: {store.HolderOf(request.Key) ?? "another process"} is making it");
        if (store.Contains(request.Key)) throw new CellTakenException($"{request.Name}: another process made it meanwhile");
        var cell = new CellRequest
        {
            Kind = request.Kind,
            Options = request.Options,
            Seed = request.Seed,
            Device = request.Device,
            Inputs = inputs,
            OutputFolder = draft.Output,
            Published = new Published(),
        };
        try
        {
            body(cell, progress, cancellation);
        }
        catch (Exception failure) when (StoreFailure.IsFullOrReadOnly(failure))
        {
            throw StoreFailure.Of(store.Folder, failure);
        }

        cancellation.ThrowIfCancellationRequested();
        var seconds = clock.GetElapsedTime(from).TotalSeconds;
        draft.Commit(request.Name, request.Parts, new CellTiming(started, Math.Round(seconds, 3)));
        return seconds;
    }

    /// <summary>Checks that this process has the code, the libtorch and the arithmetic that a cell's key was made with.</summary>
    /// <exception cref="InputException">It has not; a cell made here would be stored under a wrong key.</exception>
    public static void CheckContext(WorkerRequest request, KeyContext context)
    {
        Check("libtorch", context.Libtorch, "install the same version on every machine of the run");
        Check("numerics", context.Numerics,
            "start the program through build.sh, which sets the numerics environment, and use machines of one class");
        var code = context.CodeOf(CellRunner.Of(request.Kind), request.Options);
        foreach (var (name, hash) in request.Parts["code"]!.AsObject())
        {
            if (code.GetValueOrDefault(name) is var found && found != hash!.GetValue<string>())
                throw new InputException(
                    $"the code of {name} has changed since the plan was made: found {found ?? "none"}, expected {hash}; run again");
        }

        void Check(string part, string found, string advice)
        {
            if (request.Parts[part]?.GetValue<string>() is { } expected && expected != found)
                throw new InputException($"the worker's {part} is {found}, the plan's is {expected}; {advice}");
        }
    }
}
