namespace Harness.Running;

/// <summary>What a run did.</summary>
/// <param name="Computed">Cells computed.</param>
/// <param name="Reused">Cells found in the store.</param>
/// <param name="Seconds">Wall-clock seconds.</param>
public sealed record RunSummary(int Computed, int Reused, double Seconds);

/// <summary>How far a run is.</summary>
/// <param name="Finished">Cells finished in this run.</param>
/// <param name="Total">Cells to compute in this run.</param>
/// <param name="SecondsLeft">Estimate of the wall-clock seconds left.</param>
public sealed record RunProgress(int Finished, int Total, double SecondsLeft);

/// <summary>A cell that could not be computed.</summary>
/// <param name="Cell">Its name.</param>
/// <param name="Message">Why, with a stack trace where the fault is ours.</param>
/// <param name="IsInput">Whether it is a mistake of the user's or of a file's.</param>
public sealed record CellFailure(string Cell, string Message, bool IsInput);

/// <summary>Cells failed through no mistake of the user's. The message lists all failures.</summary>
public sealed class RunFailedException(string message) : Exception(message);

/// <summary>Words for durations.</summary>
public static class Duration
{
    /// <summary><c>8.2 s</c>, <c>1 min 10 s</c>, <c>2 h 5 min</c>.</summary>
    public static string Text(double seconds)
    {
        if (seconds < 59.95)
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{seconds:0.0} s");
        var whole = (long)Math.Round(seconds);
        return whole < 3600 ? $"{whole / 60} min {whole % 60} s" : $"{whole / 3600} h {whole % 3600 / 60} min";
    }

    /// <summary>The same, rounded to what an estimate is worth: <c>8 s</c>, <c>1 min 10 s</c>, <c>12 min</c>.</summary>
    public static string Rough(double seconds) => seconds switch
    {
        < 20 => $"{Math.Max(1, Math.Round(seconds))} s",
        < 60 => $"{Math.Min(55, Math.Round(seconds / 5) * 5)} s",
        < 600 => Text(Math.Round(seconds / 10) * 10).Replace(" 0 s", "", StringComparison.Ordinal),
        < 3570 => $"{Math.Round(seconds / 60)} min",
        _ => Text(Math.Round(seconds / 300) * 300),
    };
}
