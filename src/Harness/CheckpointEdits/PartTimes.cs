using System.Diagnostics;

namespace Harness.CheckpointEdits;

/// <summary>How long each part of a run takes.</summary>
internal sealed class PartTimes
{
    private readonly List<(string Part, double Seconds)> seconds = [];

    /// <summary>The parts so far, in order.</summary>
    public IReadOnlyList<(string Part, double Seconds)> Seconds => seconds;

    /// <summary>Runs a part.</summary>
    public T Take<T>(string part, Func<T> run)
    {
        var watch = Stopwatch.StartNew();
        var result = run();
        seconds.Add((part, watch.Elapsed.TotalSeconds));
        return result;
    }
}
