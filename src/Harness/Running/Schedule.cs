using Harness.Planning;

namespace Harness.Running;

/// <summary>Says which cell to start next: one whose inputs are complete, the one with the longest work behind it first.</summary>
internal sealed class Schedule
{
    private readonly IReadOnlyList<PlannedCell> cells;
    private readonly Dictionary<string, double> priorities = new(StringComparer.Ordinal);
    private readonly HashSet<string> open;
    private readonly HashSet<string> started = new(StringComparer.Ordinal);
    private readonly HashSet<string> lost = new(StringComparer.Ordinal);

    /// <summary>A schedule for cells in an order in which inputs come first; inputs that are not among them are complete already.</summary>
    public Schedule(IReadOnlyList<PlannedCell> cells, TimeEstimate estimate)
    {
        this.cells = cells;
        open = cells.Select(cell => cell.Key).ToHashSet(StringComparer.Ordinal);
        var behind = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var cell in cells.Reverse())
        {
            var priority = priorities[cell.Key] = estimate.Of(cell) + behind.GetValueOrDefault(cell.Key);
            foreach (var input in cell.Inputs.Values)
                behind[input.Key] = Math.Max(behind.GetValueOrDefault(input.Key), priority);
        }
    }

    /// <summary>Cells that are neither complete nor given up, inputs first.</summary>
    public IReadOnlyList<PlannedCell> Unfinished => [.. cells.Where(cell => open.Contains(cell.Key) && !lost.Contains(cell.Key))];

    /// <summary>Cells given up because of a failed input, inputs first; the failed ones themselves are not among them.</summary>
    public IReadOnlyList<PlannedCell> GivenUp => [.. cells.Where(cell => lost.Contains(cell.Key) && !started.Contains(cell.Key))];

    /// <summary>Starts the next cell; null while none can be started.</summary>
    public PlannedCell? StartNext()
    {
        var next = cells.Where(cell => open.Contains(cell.Key) && !started.Contains(cell.Key) && !lost.Contains(cell.Key))
            .Where(cell => !cell.Inputs.Values.Any(input => open.Contains(input.Key)))
            .MaxBy(cell => priorities[cell.Key]);
        if (next is not null)
            started.Add(next.Key);
        return next;
    }

    /// <summary>A started cell is complete.</summary>
    public void Finish(PlannedCell cell) => open.Remove(cell.Key);

    /// <summary>A started cell failed: it and everything made from it are given up.</summary>
    public void Fail(PlannedCell cell)
    {
        lost.Add(cell.Key);
        foreach (var later in cells.Where(later => later.Inputs.Values.Any(input => lost.Contains(input.Key))))
            lost.Add(later.Key);
    }
}
