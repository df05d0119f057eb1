using System.Text.Json.Nodes;
using Harness.Measuring.Cells;
using Harness.Planning;

namespace Harness.Running;

/// <summary>
/// How long cells may take: what the same cell with the same options took before; else the mean over its kind and editor; else over its
/// kind; else a rough weight. It orders the work and is shown to people; no result depends on it.
/// </summary>
public sealed class TimeEstimate
{
    private readonly Dictionary<string, (double Sum, int Count)> known = new(StringComparer.Ordinal);

    // A run asks for its cells again and again; options are long.
    private readonly Dictionary<string, string[]> groups = new(StringComparer.Ordinal);

    /// <summary>Learns from the timings of a store.</summary>
    public static TimeEstimate From(CellStore store)
    {
        var estimate = new TimeEstimate();
        foreach (var manifest in store.Manifests())
        {
            if (store.Timing(manifest.Key) is { } timing)
                estimate.Add(Groups(manifest.Name, manifest.Parts), timing.Seconds);
        }

        return estimate;
    }

    /// <summary>Learns how long a cell took.</summary>
    public void Add(PlannedCell cell, double seconds) => Add(GroupsOf(cell), seconds);

    /// <summary>Expected seconds of a cell.</summary>
    public double Of(PlannedCell cell)
    {
        foreach (var group in GroupsOf(cell))
        {
            if (known.TryGetValue(group, out var times))
                return times.Sum / times.Count;
        }

        return Weight(cell.Kind);
    }

    /// <summary>Expected wall-clock seconds until cells are done.</summary>
    /// <param name="cells">Unfinished cells, inputs first.</param>
    /// <param name="jobs">Number of workers.</param>
    /// <param name="elapsed">Seconds that running ones of them have taken so far, by key.</param>
    /// <returns>The larger of the work divided by the workers and the longest chain of cells that need each other.</returns>
    public double Left(IReadOnlyList<PlannedCell> cells, int jobs, IReadOnlyDictionary<string, double>? elapsed = null)
    {
        var chains = new Dictionary<string, double>(StringComparer.Ordinal);
        var work = 0.0;
        foreach (var cell in cells)
        {
            var left = Math.Max(0, Of(cell) - (elapsed?.GetValueOrDefault(cell.Key) ?? 0));
            work += left;
            chains[cell.Key] = left + cell.Inputs.Values.Select(input => chains.GetValueOrDefault(input.Key)).DefaultIfEmpty().Max();
        }

        return Math.Max(work / jobs, chains.Values.DefaultIfEmpty().Max());
    }

    /// <summary>Rough seconds at the embedded scale on one core.</summary>
    private static double Weight(CellKind kind) => kind switch
    {
        CellKind.Model => 120,
        CellKind.Edit or CellKind.Trace => 15,
        CellKind.Statistics or CellKind.Score => 3,
        _ => 1,
    };

    private void Add(string[] groups, double seconds)
    {
        foreach (var group in groups)
        {
            var (sum, count) = known.GetValueOrDefault(group);
            known[group] = (sum + seconds, count + 1);
        }
    }

    private string[] GroupsOf(PlannedCell cell) =>
        groups.TryGetValue(cell.Key, out var found) ? found : groups[cell.Key] = Groups(cell.Name, cell.KeyParts);

    // From the narrowest group to the widest.
    private static string[] Groups(string name, JsonObject parts)
    {
        var kind = parts["kind"]?.ToString() ?? "";
        var options = parts["options"] as JsonObject;
        return [$"{name} {options?.ToJsonString()}", $"{kind} {options?["editor"]}", kind];
    }
}
