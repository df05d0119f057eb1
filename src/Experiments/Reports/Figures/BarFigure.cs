using System.Text.Json.Nodes;

namespace Harness.Experiments.Reports.Figures;

/// <summary>Grouped bars, for <c>grouped-bars.vl.json</c>.</summary>
internal static class BarFigure
{
    public static Figure Of(Report report)
    {
        var experiment = report.Experiment;
        string[] datasets = [.. experiment.Datasets.Select(d => d.Name)];
        string[] models = [.. experiment.Models.Select(m => m.Name)];
        var values =
            from row in report.Rows
            orderby Place(experiment.Editors.Select(e => e.Name), row.Editor) // bars stand in the order in which the values come
            from cell in row.Cells
            select new JsonObject
            {
                ["dataset"] = row.Dataset,
                ["dataset-order"] = Place(datasets, row.Dataset),
                ["model"] = row.Model,
                ["model-order"] = Place(models, row.Model),
                ["editor"] = row.Editor,
                ["metric"] = cell.Metric,
                ["metric-order"] = Place(experiment.Metrics, cell.Metric),
                ["row"] = Place(experiment.Metrics, cell.Metric),
                ["mean"] = cell.Shown,
                ["low"] = cell.ShownInterval?.Low,
                ["high"] = cell.ShownInterval?.High,
                ["published"] = cell.Published,
            };
        return new(
            experiment.Title,
            [
                ReportFigure.Origin(report),
                $"Bars: measured here, with {ReportText.Confidence(report)} bootstrap intervals over cases."
                    + (report.HasPublished ? " Diamonds: published." : ""),
            ],
            report.Rows.Select(row => row.Dataset).Distinct().Count(),
            [.. values])
        {
            // Percentages share one scale; other units need scales of their own.
            Rows = ReportText.IsAllPercent(report) ? [] : [.. experiment.Metrics.Select(metric => FigureRow.Of(Metric.Find(metric)))],
        };
    }

    private static int Place(IEnumerable<string> names, string name) => names.TakeWhile(other => other != name).Count();
}
