using Harness.Planning;

namespace Harness.Running;

/// <summary>Which cells a run has to look at.</summary>
public static class CellSelection
{
    /// <summary>The wanted cells and everything that they are made from, once each, inputs first.</summary>
    public static IReadOnlyList<PlannedCell> Closure(IEnumerable<PlannedCell> wanted) => Collect(wanted, _ => true);

    /// <summary>The cells to compute: wanted ones that the store lacks, and what it lacks of their inputs; inputs first.</summary>
    public static IReadOnlyList<PlannedCell> Missing(IEnumerable<PlannedCell> wanted, CellStore store) =>
        Collect(wanted, cell => !store.Contains(cell.Key));

    private static List<PlannedCell> Collect(IEnumerable<PlannedCell> wanted, Func<PlannedCell, bool> follow)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var cells = new List<PlannedCell>();
        foreach (var cell in wanted)
            Visit(cell);
        return cells;

        void Visit(PlannedCell cell)
        {
            if (!seen.Add(cell.Key) || !follow(cell))
                return;
            foreach (var input in cell.Inputs.Values)
                Visit(input);
            cells.Add(cell);
        }
    }
}
