using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Experiments.Reports;

/// <summary>
/// The report as comma-separated values (RFC 4180, but line feeds): one line for each number, with all digits. In percent, or with a column of
/// units where a metric has another; with a column for each axis where rows are varied.
/// </summary>
internal static class CsvTable
{
    private static readonly string[] Places = ["dataset", "model", "editor"];

    public static string ToText(Report report) => ToText(JsonNode.Parse(ReportJson.ToText(report, ""))!.AsObject());

    /// <summary>The text from <see cref="ReportJson"/>'s tree; what the tree lacks is left empty.</summary>
    public static string ToText(JsonObject tree)
    {
        var rows = (tree["rows"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        string[] axes = [.. (tree["axes"] as JsonArray ?? []).OfType<JsonObject>().Select(axis => Text(axis["name"]))];
        var numbers = from row in rows
                      from metric in row["metrics"] as JsonObject ?? []
                      select (Row: row, metric.Key, Value: metric.Value as JsonObject);
        var isAllPercent = numbers.All(number => number.Value?["unit"] is null);
        var lines = new StringBuilder();
        string[] measured = isAllPercent ? ["n", "percent"] : ["unit", "n", "value"];
        string[] heads = [.. Places, .. axes, "metric", .. measured, "low", "high", "published"];
        lines.AppendJoin(',', heads.Select(Escape)).Append('\n');
        foreach (var (row, metric, value) in numbers)
        {
            string[] fields =
            [
                .. Places.Select(place => Text(row[place])), .. axes.Select(axis => Text((row["at"] as JsonObject)?[axis])), metric,
                .. isAllPercent ? Array.Empty<string>() : [value?["unit"] is { } unit ? Text(unit) : Digits.Id(MetricUnit.Percent)],
                .. new[] { value?["n"], value?["percent"] ?? value?["value"], value?["low"], value?["high"], value?["published"] }
                    .Select(number => Digits.Full(Number(number))),
            ];
            lines.AppendJoin(',', fields.Select(Escape)).Append('\n');
        }

        return lines.ToString();
    }

    private static string Text(JsonNode? node) => node?.ToString() ?? "";

    private static double? Number(JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number ? node.GetValue<double>() : null;

    /// <summary>Quotes a field with a comma, quote or line break in it.</summary>
    internal static string Escape(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"")}\"";
}
