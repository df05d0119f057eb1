using System.Runtime.InteropServices;
using Harness.Build;

namespace Harness.Tests;

public sealed class InterruptionTests
{
    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGHUP)]
    public void The_first_signal_cancels_and_the_second_ends_the_process_with_a_word(PosixSignal signal)
    {
        using var errors = new StringWriter();
        using var interruption = new Interruption(errors);
        var (first, second) = (new PosixSignalContext(signal), new PosixSignalContext(signal));
        interruption.Interrupt(first);
        Assert.Equal((true, true, ""), (first.Cancel, interruption.Token.IsCancellationRequested, errors.ToString()));
        interruption.Interrupt(second);
        Assert.False(second.Cancel);
        Assert.Equal("Interrupted again: ended at once; finished cells are kept, and the same command goes on from there.",
            errors.ToString().TrimEnd());
    }
}
