using Harness.Planning;

namespace Harness.Running;

/// <summary>
/// The cells that a whole run has to compute. Says which to start next: one whose inputs are complete, the one with the longest work behind
/// it first.
/// </summary>
internal sealed class Schedule(TimeEstimate estimate)
{
    // Not complete, inputs first.
    private readonly List<PlannedCell> cells = [];
    private readonly Dictionary<string, double> priorities = new(StringComparer.Ordinal);
    private readonly HashSet<string> open = new(StringComparer.Ordinal);
    private readonly HashSet<string> started = new(StringComparer.Ordinal);
    private readonly HashSet<string> lost = new(StringComparer.Ordinal);

    /// <summary>Cells that were to be computed and are complete.</summary>
    public int Finished { get; private set; }

    /// <summary>Those, and those that are not.</summary>
    public int Total => Finished + cells.Count;

    /// <summary>Cells that are neither complete nor given up, inputs first.</summary>
    public IReadOnlyList<PlannedCell> Unfinished => [.. cells.Where(cell => !lost.Contains(cell.Key))];

    /// <summary>Cells given up because of a failed input, inputs first; the failed ones themselves are not among them.</summary>
    public IReadOnlyList<PlannedCell> GivenUp => [.. cells.Where(cell => lost.Contains(cell.Key) && !started.Contains(cell.Key))];

    /// <summary>Takes on cells that are missing, between two stages; known ones that failed may be tried again.</summary>
    /// <param name="missing">Inputs first; inputs that are not among them, or were before, are complete.</param>
    public void Add(IEnumerable<PlannedCell> missing)
    {
        started.Clear();
        lost.Clear();
        cells.AddRange(missing.Where(cell => open.Add(cell.Key)));
        var behind = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var cell in Enumerable.Reverse(cells))
        {
            var priority = priorities[cell.Key] = estimate.Of(cell) + behind.GetValueOrDefault(cell.Key);
            foreach (var input in cell.Inputs.Values)
                behind[input.Key] = Math.Max(behind.GetValueOrDefault(input.Key), priority);
        }
    }

    /// <summary>Starts the next cell of a stage; null while none can be started.</summary>
    /// <param name="stage">Keys of the stage's cells.</param>
    public PlannedCell? StartNext(IReadOnlySet<string> stage)
    {
        var next = cells.Where(cell => stage.Contains(cell.Key) && !started.Contains(cell.Key) && !lost.Contains(cell.Key))
            .Where(cell => !cell.Inputs.Values.Any(input => open.Contains(input.Key)))
            .MaxBy(cell => priorities[cell.Key]);
        if (next is not null)
            started.Add(next.Key);
        return next;
    }

    /// <summary>A started cell is complete.</summary>
    public void Finish(PlannedCell cell)
    {
        open.Remove(cell.Key);
        cells.Remove(cell);
        Finished++;
    }

    /// <summary>A started cell was not made, and may be started again.</summary>
    public void PutBack(PlannedCell cell) => started.Remove(cell.Key);

    /// <summary>A started cell failed: it and everything made from it are given up.</summary>
    public void Fail(PlannedCell cell)
    {
        lost.Add(cell.Key);
        foreach (var later in cells.Where(later => later.Inputs.Values.Any(input => lost.Contains(input.Key))))
            lost.Add(later.Key);
    }
}
