using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Claims;

namespace Harness.Reports;

/// <summary>
/// Compares two snapshots' trees and names every difference: <c>zsre/llama2-7b/rome.reliability: expected 64.25, actual 64.35</c>.
/// </summary>
/// <param name="tolerance">
/// Percentage points by which measured numbers may differ; those in another unit by as many hundredths of themselves, or of the unit where
/// they are less than one; those of a run of edits, of which a report has several, by as many times that. 0 compares exactly.
/// </param>
internal sealed class SnapshotDifferences(double tolerance)
{
    // What makes two snapshots answers to different questions: where one of these differs, comparing the numbers says nothing.
    private static readonly string[] Identity = ["experiment", "scale", "seeds", "protocol", "locality"];
    private static readonly string[] Silent = ["", "rows", "metrics", "percent", "value"];
    private readonly List<string> lines = [];

    public IReadOnlyList<string> Between(JsonObject expected, JsonObject actual)
    {
        foreach (var name in Identity) Compare(name, name, expected[name], actual[name]);
        if (lines.Count > 0) return lines;
        foreach (var name in Names(expected, actual).Except(Identity)) Compare(Join("", name), name, expected[name], actual[name]);
        return lines;
    }

    private void Compare(string label, string name, JsonNode? expected, JsonNode? actual, JsonObject? within = null)
    {
        switch (expected, actual)
        {
            case (JsonObject e, JsonObject a):
                var before = lines.Count;
                foreach (var key in Names(e, a))
                {
                    // The same number as the percent, which is named already.
                    if (key == "fraction" && lines.Count > before && Differs("percent", e["percent"], a["percent"])) continue;
                    Compare(Join(label, key), key, e[key], a[key], e);
                }

                break;
            case (JsonArray e, JsonArray a):
                var (left, right) = (Keyed(e), Keyed(a));
                foreach (var key in left.Select(pair => pair.Key).Union(right.Select(pair => pair.Key)))
                    Compare(label.Length == 0 ? key : $"{label}: {key}", name, Find(left, key), Find(right, key));
                break;
            default:
                if (Differs(name, expected, actual, within)) lines.Add($"{label}: expected {Show(expected)}, actual {Show(actual)}");
                break;
        }
    }

    private bool Differs(string name, JsonNode? expected, JsonNode? actual, JsonObject? within = null)
    {
        var (hasUnit, isRun) = (within?.ContainsKey("unit") ?? false, within?.ContainsKey("edit") ?? false);
        if (tolerance > 0 && name == "numerics-class") return false;
        if (Number(expected) is not { } e || Number(actual) is not { } a)
            return !JsonNode.DeepEquals(expected, actual) && !(tolerance > 0 && name == "outcome" && IsOpen(expected, actual));
        var allowed = name switch
        {
            "value" or "low" or "high" or "difference" when hasUnit =>
                (name == "difference" ? 2 : 1) * tolerance / 100 * Math.Max(1, Math.Abs(e)),
            // As many cases may differ in one run as in the whole row.
            "percent" or "low" or "high" or "each" when isRun => tolerance * Retention.MostBins,
            "percent" or "low" or "high" => tolerance,
            "difference" => 2 * tolerance,
            "fraction" => tolerance / 100,
            "seed-sd" when tolerance > 0 => hasUnit ? double.PositiveInfinity : tolerance,
            "holding" or "p-holds" or "p-fails" when tolerance > 0 => double.PositiveInfinity,
            _ => 0,
        };
        return !(Math.Abs(e - a) <= allowed);
    }

    /// <summary>Across numerics classes a verdict may move between decided and undecided, not from one side to the other.</summary>
    private static bool IsOpen(JsonNode? expected, JsonNode? actual) =>
        new[] { Text(expected), Text(actual) }.Contains(Verdict.Words(Outcome.Undecided));

    /// <summary>A list's elements by what they are about, so that a missing one is named and the others still match.</summary>
    private static List<(string Key, JsonNode? Value)> Keyed(JsonArray list)
    {
        var keyed = new List<(string Key, JsonNode? Value)>();
        foreach (var element in list)
        {
            var key = element switch
            {
                JsonObject row when row.ContainsKey("editor") => $"{Place(row)}/{Text(row["editor"])}",
                JsonObject place when place.ContainsKey("against") => $"{Place(place)} against {Text(place["against"])}",
                JsonObject claim when claim.ContainsKey("that") => $"'{Text(claim["that"])}' on {Text(claim["on"])}",
                JsonObject run when run.ContainsKey("edit") => $"edit {Text(run["edit"])}",
                JsonObject change when change.ContainsKey("module") => $"layer {Text(change["layer"])} {Text(change["module"])}",
                JsonObject named when named.ContainsKey("name") => Text(named["name"]),
                _ => $"element {keyed.Count}",
            };
            var same = keyed.Count(pair => pair.Key == key || pair.Key.StartsWith($"{key} (again", StringComparison.Ordinal));
            keyed.Add((same == 0 ? key : $"{key} (again, {same})", element));
        }

        return keyed;
    }

    private static string Place(JsonObject map) => $"{Text(map["dataset"])}/{Text(map["model"])}";

    private static JsonNode? Find(List<(string Key, JsonNode? Value)> list, string key) =>
        list.FirstOrDefault(pair => pair.Key == key).Value;

    private static IEnumerable<string> Names(JsonObject expected, JsonObject actual) =>
        expected.Select(pair => pair.Key).Union(actual.Select(pair => pair.Key));

    private static string Join(string label, string key) => Silent.Contains(key) ? label : label.Length == 0 ? key : $"{label}.{key}";

    private static double? Number(JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number ? node.GetValue<double>() : null;

    private static string Text(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node?.ToJsonString() ?? "";

    private static string Show(JsonNode? node) => node switch
    {
        null => "nothing",
        JsonObject map => map.ContainsKey("editor") ? "a row" : "an entry",
        JsonArray => "a list",
        _ => node.ToJsonString(CanonicalJson.Settings),
    };
}
