using System.Text;

namespace Harness.Reports;

/// <summary>
/// The report as comma-separated values (RFC 4180, but line feeds): one line for each number, with all digits. In percent, or with a column
/// of units where a metric has another; with a column for each axis where rows are varied. What a figure of retention or of change shows
/// follows, with the columns that say which part of the row a number is of: <c>edit</c> (middle of a run of edits), or <c>layer</c> and
/// <c>module</c>. The last two columns say what was measured: <c>tiny-llama2, 0.8 M, for LLaMA-2-7B</c>.
/// </summary>
internal static class CsvTable
{
    /// <summary>The text of a report's file.</summary>
    public static string ToText(ReportFile report)
    {
        string[] axes = [.. (report.Axes ?? []).Select(axis => axis.Name)];
        string[] parts = report.Rows.Any(row => row.Retention is not null) ? ["edit"]
            : report.Rows.Any(row => row.Changes is not null) ? ["layer", "module"] : [];
        List<Line> numbers =
        [
            .. from row in report.Rows
               from metric in row.Metrics.Concat(row.Budget ?? [])
               select new Line(row, [], metric.Key, metric.Value, metric.Value.N),
            .. report.Rows.SelectMany(row => Parts(row, report.Figure?.Metric ?? "")),
        ];
        var isAllPercent = numbers.TrueForAll(number => number.Value.Unit is null);
        var lines = new StringBuilder();
        string[] measured = isAllPercent ? ["n", "percent"] : ["unit", "n", "value"];

        // The places are the paper's names, the last two columns what a number here was measured on.
        void Append(IEnumerable<string> fields) => lines.AppendJoin(',', fields.Select(Escape)).Append('\n');
        Append(["dataset", "model", "editor", .. axes, .. parts, "metric", .. measured, "low", "high", "seed-sd", "published",
            "measured-data", "measured-model"]);
        foreach (var (row, part, metric, value, n) in numbers)
        {
            Append(
            [
                row.Dataset, row.Model, row.Editor, .. axes.Select(axis => row.On(axis) ?? ""),
                .. parts.Select((_, i) => part.ElementAtOrDefault(i) ?? ""), metric,
                .. isAllPercent ? Array.Empty<string>() : [Digits.Id(value.Unit ?? MetricUnit.Percent)],
                .. new[] { n, value.Mean, value.Low, value.High, value.SeedSd, value.Published }.Select(Digits.Full),
                Shown(report.Datasets, row.Dataset), Shown(report.Models, row.Model),
            ]);
        }

        return lines.ToString();
    }

    // The numbers of a row's runs of edits, and of its layers and modules.
    private static IEnumerable<Line> Parts(ReportedRow row, string metric)
    {
        foreach (var run in row.Retention ?? [])
        {
            string[] edit = [Digits.Full(run.Edit)];
            yield return new(row, edit, metric, new(run.Percent, Low: run.Low, High: run.High), run.N);
            if (run.Each is { } each) yield return new(row, edit, $"{metric}-each", new(each), run.N);
        }

        foreach (var change in row.Changes ?? []) yield return new(row, [change.Layer, change.Module], "change", new(change.Percent), null);
    }

    // Nothing where a file of an older version does not say it.
    private static string Shown(IReadOnlyList<ReportedSubject> subjects, string name) =>
        subjects.FirstOrDefault(one => one.Name == name && one.Real is not null)?.Shown.Text ?? "";

    /// <summary>Quotes a field with a comma, quote or line break in it.</summary>
    internal static string Escape(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"")}\"";

    // A number of a row, or of the part of it that `Part` names.
    private sealed record Line(ReportedRow Row, IReadOnlyList<string> Part, string Metric, ReportedNumber Value, int? N);
}
