using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Reports;

/// <summary>
/// The report as comma-separated values (RFC 4180, but line feeds): one line for each number, with all digits. In percent, or with a column
/// of units where a metric has another; with a column for each axis where rows are varied. What a figure of retention or of change shows
/// follows, with the columns that say which part of the row a number is of: <c>edit</c> (middle of a run of edits), or <c>layer</c> and
/// <c>module</c>. The last two columns say what was measured: <c>tiny-llama2, 0.8 M, for LLaMA-2-7B</c>.
/// </summary>
internal static class CsvTable
{
    private static readonly string[] Places = ["dataset", "model", "editor"];

    // What a number here was measured on; the places are the paper's names.
    private static readonly string[] Measured = ["measured-data", "measured-model"];

    public static string ToText(Report report) => ToText(JsonNode.Parse(ReportJson.ToText(report, ""))!.AsObject());

    /// <summary>The text from <see cref="ReportJson"/>'s tree; what the tree lacks is left empty.</summary>
    public static string ToText(JsonObject tree)
    {
        var rows = Objects(tree["rows"]).ToList();
        string[] axes = [.. Objects(tree["axes"]).Select(axis => Text(axis["name"]))];
        string[] parts = rows.Exists(row => row["retention"] is not null) ? ["edit"] : rows.Exists(row => row["changes"] is not null)
            ? ["layer", "module"] : [];
        var shown = (from kind in (string[])["datasets", "models"]
                     from one in Objects(tree[kind])
                     where one["real"] is not null
                     select (Key: (kind, Text(one["name"])), ReportJson.ShownOf(one).Text))
                         .ToDictionary(name => name.Key, name => name.Text);
        List<Line> numbers =
        [
            .. from row in rows
               from metric in row["metrics"] as JsonObject ?? []
               select new Line(row, null, metric.Key, metric.Value as JsonObject ?? []),
            .. rows.SelectMany(row => Parts(row, Text(tree["figure"]?["metric"]))),
        ];
        var isAllPercent = numbers.TrueForAll(number => number.Value["unit"] is null);
        var lines = new StringBuilder();
        string[] measured = isAllPercent ? ["n", "percent"] : ["unit", "n", "value"];
        string[] heads = [.. Places, .. axes, .. parts, "metric", .. measured, "low", "high", "published", .. Measured];
        lines.AppendJoin(',', heads.Select(Escape)).Append('\n');
        foreach (var (row, part, metric, value) in numbers)
        {
            string[] fields =
            [
                .. Places.Select(place => Text(row[place])), .. axes.Select(axis => Text((row["at"] as JsonObject)?[axis])),
                .. parts.Select(name => Text(part?[name])), metric,
                .. isAllPercent ? Array.Empty<string>() : [value["unit"] is { } unit ? Text(unit) : Digits.Id(MetricUnit.Percent)],
                .. new[] { value["n"], value["percent"] ?? value["value"], value["low"], value["high"], value["published"] }
                    .Select(number => Digits.Full(Number(number))),
                shown.GetValueOrDefault(("datasets", Text(row["dataset"])), ""),
                    shown.GetValueOrDefault(("models", Text(row["model"])), ""),
            ];
            lines.AppendJoin(',', fields.Select(Escape)).Append('\n');
        }

        return lines.ToString();
    }

    // The numbers of a row's runs of edits, and of its layers and modules.
    private static IEnumerable<Line> Parts(JsonObject row, string metric)
    {
        foreach (var run in Objects(row["retention"]))
        {
            yield return new(row, run, metric, run);
            if (run["each"] is { } each)
                yield return new(row, run, $"{metric}-each", new() { ["n"] = run["n"]?.DeepClone(), ["percent"] = each.DeepClone() });
        }

        foreach (var change in Objects(row["changes"])) yield return new(row, change, "change", change);
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static string Text(JsonNode? node) => node?.ToString() ?? "";

    private static double? Number(JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number ? node.GetValue<double>() : null;

    /// <summary>Quotes a field with a comma, quote or line break in it.</summary>
    internal static string Escape(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"")}\"";

    // A number of a row, or of the part of it that `Part` names.
    private sealed record Line(JsonObject Row, JsonObject? Part, string Metric, JsonObject Value);
}
