using System.Text.Json.Nodes;

namespace Harness.Experiments.Reports.Figures;

/// <summary>Lines over the first axis, for <c>sweep.vl.json</c>: metrics in rows, data sets and models in columns.</summary>
internal static class SweepFigure
{
    public static Figure Of(Report report)
    {
        var experiment = report.Experiment;
        var axis = experiment.Axes[0];
        var x = FigureAxis.Of(axis);
        var values =
            from row in report.Rows
            let entry = experiment.Editors.First(entry => entry.Name == row.Editor)
            from cell in row.Cells.Index()
            where cell.Item.Mean is not null || cell.Item.Published is not null
            select new JsonObject
            {
                ["row"] = cell.Index,
                ["place"] = ReportFigure.Place(report, row.Dataset, row.Model),
                ["series"] = ReportFigure.Series(entry, entry.At is [{ } first, ..] && first.Axis == axis.Name ? 1 : 0),
                ["x"] = x.Node(entry.At.FirstOrDefault(place => place.Axis == axis.Name)?.Value),
                ["mean"] = cell.Item.Shown,
                ["low"] = cell.Item.Spread?.Low,
                ["high"] = cell.Item.Spread?.High,
                ["published"] = cell.Item.Published,
            };
        JsonObject[] drawn = [.. values];
        return new(
            experiment.Title,
            [
                ReportFigure.Origin(report),
                $"Lines: measured here, bands {ReportText.Confidence(report)} bootstrap intervals."
                    + (drawn.Any(value => value["x"] is null) ? " Dashed across: rows that are not varied." : "")
                    + (report.HasPublished ? " Hollow: published." : ""),
            ],
            ReportFigure.Order(drawn),
            drawn)
        {
            Specification = "sweep.vl.json",
            Rows = [.. experiment.Metrics.Select(metric => FigureRow.Of(Metric.Find(metric)))],
            X = x,
        };
    }
}
