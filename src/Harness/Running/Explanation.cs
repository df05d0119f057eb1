using System.Text.Json.Nodes;
using Harness.Planning;

namespace Harness.Running;

/// <summary>What a run would do with a cell.</summary>
public enum CellState
{
    /// <summary>It is in the store.</summary>
    Reused,

    /// <summary>It is in the store, and a run would stop there: something is wrong with it.</summary>
    Damaged,

    /// <summary>It has to be computed.</summary>
    ToCompute,

    /// <summary>It is not in the store, but everything made from it is.</summary>
    NotNeeded,
}

/// <summary>Why a cell is reused or computed.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="State">What a run would do.</param>
/// <param name="Changes">How its key differs from the nearest cell of the same name in the store; empty where there is none.</param>
/// <param name="Fault">What is wrong with it, where it is damaged.</param>
public sealed record CellExplanation(PlannedCell Cell, CellState State, IReadOnlyList<KeyChange> Changes, string Fault = "")
{
    /// <summary>One line: <c>edit zsre/llama2-7b/rome: to compute: option 'layer' changed 1 → 2</c>.</summary>
    public override string ToString() => State switch
    {
        CellState.Reused => $"{Cell.Name}: reused",
        CellState.Damaged => $"{Cell.Name}: DAMAGED: {Fault}",
        CellState.NotNeeded => $"{Cell.Name}: not needed",
        _ when Changes.Count == 0 => $"{Cell.Name}: to compute: {New}",
        _ => $"{Cell.Name}: to compute: {string.Join(", ", Changes.Select(change => change.Text))}",
    };

    /// <summary>Why it has to be computed, for a summary: what only follows from an input's reasons counts as that.</summary>
    internal IEnumerable<string> Reasons => Changes.Count == 0 ? [New]
        : Changes.All(change => change.IsOfInput) ? ["only inputs changed"]
        : Changes.Where(change => !change.IsOfInput).Select(change => change.Text);

    private const string New = "not in the store yet";
}

/// <summary>A part in which two keys differ.</summary>
/// <param name="Text">What changed, in words.</param>
/// <param name="IsOfInput">Whether it is the key of an input.</param>
public sealed record KeyChange(string Text, bool IsOfInput);

/// <summary>Compares the cells of a run with the store (<c>--explain</c>).</summary>
/// <param name="Cells">An explanation for every cell, in the run's order.</param>
public sealed record Explanation(IReadOnlyList<CellExplanation> Cells)
{
    private const int MostReasons = 12;

    /// <summary>Explains a run.</summary>
    /// <param name="cells">Its cells; what they are made from comes before them.</param>
    /// <param name="wanted">Those that it has to look at; others only where these need them.</param>
    /// <param name="store">Where cells are.</param>
    public static Explanation Of(IReadOnlyList<PlannedCell> cells, IReadOnlyList<PlannedCell> wanted, CellStore store)
    {
        var missing = CellSelection.Missing(wanted, store).Select(cell => cell.Key).ToHashSet(StringComparer.Ordinal);
        var stored = store.Manifests().ToLookup(manifest => manifest.Name, StringComparer.Ordinal);
        return new([.. CellSelection.Closure(cells).Select(
            cell => Explain(cell, store, missing.Contains(cell.Key), stored[cell.Name]))]);
    }

    /// <summary>
    /// How many cells are reused and computed, in about how much time, and for which reasons: <c>code of Harness.Editing changed: 12
    /// cells</c>. A cell with several reasons counts for each.
    /// </summary>
    /// <param name="estimate">How long cells take.</param>
    /// <param name="jobs">Number of workers.</param>
    public IEnumerable<string> Summary(TimeEstimate estimate, int jobs)
    {
        if (Cells.Count == 0) yield break;
        var missing = Cells.Where(one => one.State == CellState.ToCompute).ToList();
        var (reused, unneeded) = (Cells.Count(one => one.State == CellState.Reused), Cells.Count(one => one.State == CellState.NotNeeded));
        var time = missing.Count == 0 ? ""
            : $" in about {Duration.Rough(estimate.Left([.. missing.Select(one => one.Cell)], jobs))}"
                + $" with {Counted.Of(jobs, "worker")}";
        var damaged = Cells.Count(one => one.State == CellState.Damaged);
        yield return $"{Counted.Of(Cells.Count, "cell")}: {reused} reused, {missing.Count} to compute{time}"
            + (unneeded > 0 ? $", {unneeded} not needed" : "") + (damaged > 0 ? $", {damaged} DAMAGED" : "");
        var reasons = missing.SelectMany(one => one.Reasons).CountBy(reason => reason)
            .OrderByDescending(reason => reason.Value).ThenBy(reason => reason.Key, StringComparer.Ordinal).ToList();
        foreach (var (reason, count) in reasons.Take(MostReasons)) yield return $"  {reason}: {Counted.Of(count, "cell")}";
        if (reasons.Count > MostReasons) yield return $"  and {reasons.Count - MostReasons} more reasons, which the cells below name";
    }

    /// <summary>How the parts of two keys differ, in words.</summary>
    public static IReadOnlyList<KeyChange> Differences(JsonObject stored, JsonObject planned)
    {
        var before = Flatten(stored);
        var now = Flatten(planned);
        return [.. before.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Where(path => before.GetValueOrDefault(path) != now.GetValueOrDefault(path))
            .Select(path => Describe(path, before.GetValueOrDefault(path), now.GetValueOrDefault(path)))];
    }

    private static CellExplanation Explain(PlannedCell cell, CellStore store, bool missing, IEnumerable<CellManifest> sameName)
    {
        if (store.Contains(cell.Key))
            return store.FaultOf(cell.Key) is { } fault ? new(cell, CellState.Damaged, [], fault) : new(cell, CellState.Reused, []);
        var changes = sameName.OrderBy(manifest => manifest.Key, StringComparer.Ordinal)
            .Select(manifest => Differences(manifest.Parts, cell.KeyParts)).MinBy(differences => differences.Count) ?? [];
        return new CellExplanation(cell, missing ? CellState.ToCompute : CellState.NotNeeded, changes);
    }

    private static KeyChange Describe(string path, string? before, string? now)
    {
        var (part, rest) = path.Split('/', 2) is [var first, var second] ? (first, second) : (path, "");
        // An Edit cell's options hold the editor's: 'layer' says enough.
        var option = rest.StartsWith("options/", StringComparison.Ordinal) ? rest["options/".Length..] : rest;
        return new(part switch
        {
            "inputs" when before is null => $"input {rest} added",
            "inputs" when now is null => $"input {rest} removed",
            "inputs" => $"input {rest} changed",
            "options" => $"option '{option.Replace('/', '.')}' changed {before ?? "nothing"} → {now ?? "nothing"}",
            "numerics" => $"numerics class changed {before} → {now}",
            // A map of hashes, which say nothing to people: code by its place.
            _ when rest.Length > 0 => $"{part} of {rest} changed",
            _ => $"{part} changed {before} → {now}",
        }, part == "inputs");
    }

    private static SortedDictionary<string, string> Flatten(JsonObject parts)
    {
        var leaves = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Visit(parts, "");
        return leaves;

        void Visit(JsonNode? node, string path)
        {
            if (node is JsonObject map)
            {
                foreach (var (key, value) in map)
                    Visit(value, path.Length == 0 ? key : $"{path}/{key}");
            }
            else
            {
                leaves[path] = node is JsonValue value && value.TryGetValue<string>(out var text)
                    ? text
                    : node?.ToJsonString(CanonicalJson.Settings) ?? "null";
            }
        }
    }
}
