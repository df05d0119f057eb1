using System.Runtime.InteropServices;

namespace Harness.Build;

/// <summary>
/// Turns the first Ctrl-C, SIGTERM or SIGHUP (a terminal that is closed) into a cancelled token; a second one says so and ends the process
/// at once, by the signal.
/// </summary>
/// <remarks>It is a program's first thing and its last, so that nobody is left without a word.</remarks>
public sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly TextWriter errors;
    private readonly IReadOnlyList<PosixSignalRegistration> signals;

    /// <summary>Listens from now on.</summary>
    /// <param name="errors">Told when the process ends at once.</param>
    public Interruption(TextWriter errors)
    {
        this.errors = errors;
        PosixSignal[] heard = IgnoresHangups() ? [PosixSignal.SIGINT, PosixSignal.SIGTERM]
            : [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        signals = [.. heard.Select(signal => PosixSignalRegistration.Create(signal, Interrupt))];
    }

    /// <summary>Cancelled when the user interrupts.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        foreach (var signal in signals)
            signal.Dispose();
        source.Dispose();
    }

    // nohup starts programs so: they are to outlive their terminal.
    private static bool IgnoresHangups()
    {
        const string Status = "/proc/self/status", Ignored = "SigIgn:";
        var lines = File.Exists(Status) ? File.ReadLines(Status) : [];
        var mask = lines.FirstOrDefault(line => line.StartsWith(Ignored, StringComparison.Ordinal));
        return mask is not null && (Convert.ToUInt64(mask[Ignored.Length..].Trim(), 16) & 1) != 0;
    }

    /// <summary>What a signal does.</summary>
    internal void Interrupt(PosixSignalContext signal)
    {
        signal.Cancel = !source.IsCancellationRequested;
        if (!signal.Cancel)
            errors.WriteLine("Interrupted again: ended at once; finished cells are kept, and the same command goes on from there.");
        source.Cancel();
    }
}
