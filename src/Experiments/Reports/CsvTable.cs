using System.Text;

namespace Harness.Experiments.Reports;

/// <summary>
/// The report as comma-separated values (RFC 4180, but line feeds): one line for each number, in percent with all digits.
/// </summary>
internal static class CsvTable
{
    public static string ToText(Report report)
    {
        var lines = new StringBuilder("dataset,model,editor,metric,n,percent,low,high,published\n");
        foreach (var row in report.Rows)
        {
            foreach (var cell in row.Cells)
            {
                string[] fields =
                [
                    row.Dataset, row.Model, row.Editor, cell.Metric, Digits.Full(cell.N), Digits.Full(cell.Percent),
                    Digits.Full(cell.PercentInterval?.Low), Digits.Full(cell.PercentInterval?.High), Digits.Full(cell.Published),
                ];
                lines.AppendJoin(',', fields.Select(Escape)).Append('\n');
            }
        }

        return lines.ToString();
    }

    /// <summary>Quotes a field with a comma, quote or line break in it.</summary>
    internal static string Escape(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"")}\"";
}
