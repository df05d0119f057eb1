using Harness.Figures.Drawing;
using Harness.Reports;

namespace Harness.Figures;

/// <summary>Rows in the order of their ranks against metrics: the measured number in each field, brighter the better its rank.</summary>
internal static class RanksFigure
{
    // Pixels that a metric's name may take on one line.
    private const float MostLabel = 58;

    public static Page Of(ReportFile report, Theme theme)
    {
        var last = report.Rows.SelectMany(row => row.Metrics.Values).Max(cell => cell.Rank?.Place) ?? 1;
        MapField Field(ReportedRow row, Metric metric)
        {
            var cell = row.Metrics[metric.Name];
            return new(Name(metric), row.Editor, cell.Rank is { } rank ? 1 - ((rank.Place - 1.0) / Math.Max(1, last - 1)) : null,
                FigureWords.Number(cell.Mean, metric.Unit));
        }

        var panel = new MapPanel("", "", [.. from row in report.Rows from metric in report.Columns select Field(row, metric)]);
        return FieldMap.Of(
            report, "Percent where a column names no unit · brighter is a better rank",
            [new LegendEntry("rank 1") { Key = FieldMap.Colors, KeyStart = $"rank {last}" }], [panel], 1,
            ("", [.. report.Columns.Select(Name)]), report.Editors, theme);
    }

    private static string Name(Metric metric) =>
        Lines.Hyphenated(metric.Name, MostLabel) + (metric.Title == metric.Name ? "" : $"\n{metric.Title[(metric.Name.Length + 1)..]}");
}
