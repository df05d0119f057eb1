using System.Runtime.InteropServices;

namespace Harness.Build;

/// <summary>
/// Turns the first Ctrl-C or SIGTERM into a cancelled token; a second one says so and ends the process at once, by the signal.
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
        signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(
            signal => PosixSignalRegistration.Create(signal, Interrupt))];
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

    /// <summary>What a signal does.</summary>
    internal void Interrupt(PosixSignalContext signal)
    {
        signal.Cancel = !source.IsCancellationRequested;
        if (!signal.Cancel)
            errors.WriteLine("Interrupted again: ended at once; finished cells are kept, and the same command goes on from there.");
        source.Cancel();
    }
}
