namespace Harness.CheckpointEdits;

/// <summary>Hands on a line at most once in a while: editors report every step.</summary>
/// <param name="inner">Receives the lines.</param>
/// <param name="clock">Tells the time.</param>
internal sealed class ThrottledProgress(IProgress<string> inner, TimeProvider clock) : IProgress<string>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private long? last;

    /// <inheritdoc/>
    public void Report(string value)
    {
        if (last is { } then && clock.GetElapsedTime(then) < Pause) return;
        last = clock.GetTimestamp();
        inner.Report(value);
    }
}
