using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Harness.Experiments.Running.Workers;

/// <summary>How to start a worker process.</summary>
/// <param name="FileName">Program.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record WorkerCommand(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>This program again with the argument <c>worker</c>.</summary>
    /// <exception cref="InvalidOperationException">The program's own file is not known.</exception>
    public static WorkerCommand ThisProgram()
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is not known");
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new WorkerCommand(program, [Path.GetFullPath(Environment.GetCommandLineArgs()[0]), "worker"])
            : new WorkerCommand(program, ["worker"]);
    }
}

/// <summary>A long-lived worker process: one request at a time on its standard input, replies on its standard output.</summary>
public sealed class ProcessWorker : ICellWorker
{
    private const int ErrorLines = 20;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly Process process;
    private readonly Queue<string> errors = new();

    /// <summary>Starts the process with the numerics environment.</summary>
    /// <exception cref="InputException">The program cannot be started.</exception>
    public ProcessWorker(WorkerCommand command)
    {
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
        foreach (var (name, value) in NumericsEnvironment.Variables)
            start.Environment[name] = value;
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
                    _ => throw new WorkerCrashException(reply.Text),
                };
        }

        await process.WaitForExitAsync(CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        throw new WorkerCrashException($"the worker process ended with exit code {process.ExitCode}. Its last lines:\n{LastErrors()}");
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

    private string LastErrors()
    {
        lock (errors)
            return errors.Count > 0 ? string.Join("\n", errors) : "none";
    }
}
