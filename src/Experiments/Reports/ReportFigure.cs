using System.Text.Json.Nodes;

namespace Harness.Experiments.Reports;

/// <summary>What the renderer draws into a Vega-Lite specification: titles, layout and one value for each mark.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Subtitle">Lines below it.</param>
/// <param name="Columns">Number of facets side by side.</param>
/// <param name="Values">One object for each number; the fields are those that the specification names.</param>
public sealed record Figure(string Title, IReadOnlyList<string> Subtitle, int Columns, IReadOnlyList<JsonObject> Values);

/// <summary>The report's figure, for <c>grouped-bars.vl.json</c>.</summary>
internal static class ReportFigure
{
    /// <summary>Specification that the fields are made for, in the renderer's folder.</summary>
    public const string Specification = "grouped-bars.vl.json";

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
                ["mean"] = cell.Percent,
                ["low"] = cell.PercentInterval?.Low,
                ["high"] = cell.PercentInterval?.High,
                ["published"] = cell.Published,
            };
        return new(
            experiment.Title,
            [
                $"{experiment.Source} · {experiment.Scale} scale · seed {experiment.Seed} · "
                    + $"protocol {Digits.Id(experiment.Protocol)} · cases: {ReportText.Cases(report)}",
                $"Bars: measured here, with {ReportText.Confidence(report)} bootstrap intervals over cases."
                    + (report.HasPublished ? " Diamonds: published." : ""),
            ],
            report.Rows.Select(row => row.Dataset).Distinct().Count(),
            [.. values]);
    }

    private static int Place(IEnumerable<string> names, string name) => names.TakeWhile(other => other != name).Count();
}
