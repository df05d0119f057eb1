using System.Text.Json.Nodes;
using Harness.Planning;

namespace Harness.Running;

/// <summary>What a run would do with a cell.</summary>
public enum CellState
{
    /// <summary>It is in the store.</summary>
    Reused,

    /// <summary>It has to be computed.</summary>
    ToCompute,

    /// <summary>It is not in the store, but everything made from it is.</summary>
    NotNeeded,
}

/// <summary>Why a cell is reused or computed.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="State">What a run would do.</param>
/// <param name="Changes">How its key differs from the nearest cell of the same name in the store; empty where there is none.</param>
public sealed record CellExplanation(PlannedCell Cell, CellState State, IReadOnlyList<string> Changes)
{
    /// <summary>One line: <c>edit zsre/llama2-7b/rome: to compute: option 'layer' changed 1 → 2</c>.</summary>
    public override string ToString() => State switch
    {
        CellState.Reused => $"{Cell.Name}: reused",
        CellState.NotNeeded => $"{Cell.Name}: not needed",
        _ when Changes.Count == 0 => $"{Cell.Name}: to compute: not in the store yet",
        _ => $"{Cell.Name}: to compute: {string.Join(", ", Changes)}",
    };
}

/// <summary>Compares a plan with the store (<c>--explain</c>).</summary>
public static class Explanation
{
    /// <summary>An explanation for every cell of a plan, inputs first.</summary>
    public static IReadOnlyList<CellExplanation> Of(Plan plan, CellStore store)
    {
        var missing = CellSelection.Missing(plan.Results, store).Select(cell => cell.Key).ToHashSet(StringComparer.Ordinal);
        var stored = store.Manifests().ToLookup(manifest => manifest.Name, StringComparer.Ordinal);
        return [.. plan.Cells.Select(cell => Explain(cell, store.Contains(cell.Key), missing.Contains(cell.Key), stored[cell.Name]))];
    }

    /// <summary>How the parts of two keys differ, in words.</summary>
    public static IReadOnlyList<string> Differences(JsonObject stored, JsonObject planned)
    {
        var before = Flatten(stored);
        var now = Flatten(planned);
        return [.. before.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Where(path => before.GetValueOrDefault(path) != now.GetValueOrDefault(path))
            .Select(path => Describe(path, before.GetValueOrDefault(path), now.GetValueOrDefault(path)))];
    }

    private static CellExplanation Explain(PlannedCell cell, bool contained, bool missing, IEnumerable<CellManifest> sameName)
    {
        if (contained)
            return new CellExplanation(cell, CellState.Reused, []);
        var changes = sameName.OrderBy(manifest => manifest.Key, StringComparer.Ordinal)
            .Select(manifest => Differences(manifest.Parts, cell.KeyParts)).MinBy(differences => differences.Count) ?? [];
        return new CellExplanation(cell, missing ? CellState.ToCompute : CellState.NotNeeded, changes);
    }

    private static string Describe(string path, string? before, string? now)
    {
        var (part, rest) = path.Split('/', 2) is [var first, var second] ? (first, second) : (path, "");
        // An Edit cell's options hold the editor's: 'layer' says enough.
        var option = rest.StartsWith("options/", StringComparison.Ordinal) ? rest["options/".Length..] : rest;
        return part switch
        {
            "code" => $"code of {rest} changed",
            "inputs" when before is null => $"input {rest} added",
            "inputs" when now is null => $"input {rest} removed",
            "inputs" => $"input {rest} changed",
            "options" => $"option '{option.Replace('/', '.')}' changed {before ?? "nothing"} → {now ?? "nothing"}",
            "numerics" => $"numerics class changed {before} → {now}",
            _ => $"{part} changed {before} → {now}",
        };
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
