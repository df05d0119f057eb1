using System.Diagnostics;
using System.Text;
using System.Text.Json;

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
    /// <exception cref="CellTakenException">Another process makes it or has made it.</exception>
    /// <exception cref="WorkerCrashException">A mistake of ours, or the end of the process.</exception>
    Task<double> RunAsync(WorkerRequest request, Action<string> progress, CancellationToken cancellation);
}

/// <summary>A cell's body failed through no mistake of the user's; the message holds all that is known.</summary>
/// <param name="message">What is known.</param>
/// <param name="isDeath">Whether the process ended, which may be nobody's mistake: another try may go well.</param>
public sealed class WorkerCrashException(string message, bool isDeath = false) : Exception(message)
{
    /// <summary>Whether the process ended.</summary>
    public bool IsDeath { get; } = isDeath;
}

/// <summary>How to start a worker process.</summary>
/// <param name="FileName">Program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="IsFast">Whether it takes the machine's best kernels (<c>--numerics=fast</c>) instead of the portable ones.</param>
public sealed record WorkerCommand(string FileName, IReadOnlyList<string> Arguments, bool IsFast = false)
{
    /// <summary>This program again with the argument <c>worker</c>.</summary>
    /// <param name="isFast">As <see cref="IsFast"/>.</param>
    /// <exception cref="InvalidOperationException">The program's own file is not known.</exception>
    public static WorkerCommand ThisProgram(bool isFast = false)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is not known");
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new WorkerCommand(program, [Path.GetFullPath(Environment.GetCommandLineArgs()[0]), "worker"], isFast)
            : new WorkerCommand(program, ["worker"], isFast);
    }
}

/// <summary>A long-lived worker process: one request at a time on its standard input, replies on its standard output.</summary>
public sealed class ProcessWorker : ICellWorker
{
    // Lines that are kept for the log of a worker that dies.
    private const int ErrorLines = 1000;
    private static readonly TimeSpan MemoryInterval = TimeSpan.FromSeconds(1);
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly Process process;
    private readonly Queue<string> errors = new();
    private readonly string logs;
    private ProcessMemory memory;

    /// <summary>Starts the process with the numerics environment.</summary>
    /// <param name="command">The program.</param>
    /// <param name="logs">Folder where it leaves a log should it die.</param>
    /// <exception cref="InputException">The program cannot be started.</exception>
    public ProcessWorker(WorkerCommand command, string logs)
    {
        this.logs = logs;
        var start = new ProcessStartInfo(command.FileName, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
            UseShellExecute = false,
        };
        NumericsEnvironment.Set(start.Environment, command.IsFast);
        process = new Process { StartInfo = start };
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new InputException($"worker {command.FileName}: cannot be started ({failure.Message})", failure);
        }

        process.StandardInput.NewLine = "\n";
        process.BeginErrorReadLine();
    }

    /// <inheritdoc />
    public bool IsAlive => !process.HasExited;

    /// <inheritdoc />
    public async Task<double> RunAsync(WorkerRequest request, Action<string> progress, CancellationToken cancellation)
    {
        using var killing = cancellation.Register(Kill);
        memory = ProcessMemory.Of(process.Id);
        await using var watching = new Timer(_ => memory = memory.Later(process.Id), null, MemoryInterval, MemoryInterval);
        try
        {
            await process.StandardInput.WriteLineAsync(CanonicalJson.ToText(request));
            await process.StandardInput.FlushAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // The process is gone; its output has ended too, which is reported below.
        }

        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (Parse(line) is not { } reply)
                Note(line);
            else if (reply.Event == WorkerEvent.Progress)
                progress(reply.Text);
            else
                return reply.Event switch
                {
                    WorkerEvent.Done => reply.Seconds,
                    WorkerEvent.InputError => throw new InputException(reply.Text),
                    WorkerEvent.Taken => throw new CellTakenException(reply.Text),
                    _ => throw new WorkerCrashException(reply.Text),
                };
        }

        await process.WaitForExitAsync(CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        throw new WorkerCrashException(Death(request), isDeath: true);
    }

    /// <summary>Ends the process: kindly if it is idle, and in any case.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            process.StandardInput.Close();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await process.WaitForExitAsync(patience.Token);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static WorkerReply? Parse(string line)
    {
        try
        {
            return CanonicalJson.FromText<WorkerReply>(line);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        lock (errors)
        {
            errors.Enqueue(line);
            if (errors.Count > ErrorLines)
                errors.Dequeue();
        }
    }

    // One line: how it ended, where its log is, what to do.
    private string Death(WorkerRequest request)
    {
        string text;
        lock (errors) text = errors.Count > 0 ? string.Join("\n", errors) : "it said nothing";
        var log = Path.Combine(logs, $"worker-{process.Id}.log");
        var where = $"its log is {log}";
        try
        {
            Directory.CreateDirectory(logs);
            File.WriteAllText(log, $"{request.Name}, key {request.Key}, {Ending}\n{text}\n");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            where = $"its log cannot be written to {log} ({failure.Message})";
        }

        return $"the worker process {Ending}; {where}; run the same command again, finished cells are kept";
    }

    // .NET reports a signal as 128 and its number.
    private string Ending => process.ExitCode switch
    {
        128 + 4 => "was ended by SIGILL (an instruction that this processor lacks)",
        128 + 6 => "was ended by SIGABRT (libtorch or the runtime gave up)",
        128 + 7 => "was ended by SIGBUS (a file that it reads has shrunk, or the disk is full)",
        128 + 9 => $"was ended by SIGKILL ({memory.Verdict})",
        128 + 11 => "was ended by SIGSEGV (a fault in native code)",
        128 + 15 => "was ended by SIGTERM",
        var code => $"ended with exit code {code}",
    };
}
