using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Experiments.Reports;

/// <summary>
/// The report as comma-separated values (RFC 4180, but line feeds): one line for each number, in percent with all digits.
/// </summary>
internal static class CsvTable
{
    private static readonly string[] Places = ["dataset", "model", "editor"];
    private static readonly string[] Numbers = ["n", "percent", "low", "high", "published"];

    public static string ToText(Report report) => ToText(
        from row in report.Rows
        from cell in row.Cells
        select (string[])
        [
            row.Dataset, row.Model, row.Editor, cell.Metric, Digits.Full(cell.N), Digits.Full(cell.Percent),
            Digits.Full(cell.PercentInterval?.Low), Digits.Full(cell.PercentInterval?.High), Digits.Full(cell.Published),
        ]);

    /// <summary>The same text from <see cref="ReportJson"/>'s tree; what the tree lacks is left empty.</summary>
    public static string ToText(JsonObject tree) => ToText(
        from row in (tree["rows"] as JsonArray ?? []).OfType<JsonObject>()
        from metric in row["metrics"] as JsonObject ?? []
        select (string[])
        [
            .. Places.Select(place => row[place]?.ToString() ?? ""), metric.Key,
            .. Numbers.Select(name => Digits.Full(Number((metric.Value as JsonObject)?[name]))),
        ]);

    private static string ToText(IEnumerable<string[]> rows)
    {
        var lines = new StringBuilder();
        foreach (var fields in rows.Prepend([.. Places, "metric", .. Numbers]))
            lines.AppendJoin(',', fields.Select(Escape)).Append('\n');
        return lines.ToString();
    }

    private static double? Number(JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number ? node.GetValue<double>() : null;

    /// <summary>Quotes a field with a comma, quote or line break in it.</summary>
    internal static string Escape(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"")}\"";
}
