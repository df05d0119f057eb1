using System.Runtime.InteropServices;

namespace Harness.Build;

/// <summary>Turns the first Ctrl-C or SIGTERM into a cancelled token; a second one ends the process at once.</summary>
public sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly IReadOnlyList<PosixSignalRegistration> signals;

    /// <summary>Listens from now on.</summary>
    public Interruption() =>
        signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(
            signal => PosixSignalRegistration.Create(signal, Interrupt))];

    /// <summary>Cancelled when the user interrupts.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        foreach (var signal in signals)
            signal.Dispose();
        source.Dispose();
    }

    private void Interrupt(PosixSignalContext signal)
    {
        signal.Cancel = !source.IsCancellationRequested;
        source.Cancel();
    }
}
