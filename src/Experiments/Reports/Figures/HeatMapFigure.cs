using System.Text.Json.Nodes;

namespace Harness.Experiments.Reports.Figures;

/// <summary>
/// The first axis against the second, for <c>heat-map.vl.json</c>: a panel for each metric, data set, model and series; the number stands in its
/// field, brighter is better.
/// </summary>
internal static class HeatMapFigure
{
    /// <summary>The specification, which <see cref="ChangeFigure"/> shares.</summary>
    public const string Specification = "heat-map.vl.json";

    public static Figure Of(Report report)
    {
        var experiment = report.Experiment;
        var (across, down) = (experiment.Axes[0], experiment.Axes[1]);
        var rows = (from row in report.Rows
                    let entry = experiment.Editors.First(entry => entry.Name == row.Editor)
                    let first = entry.At.FirstOrDefault(place => place.Axis == across.Name)
                    let second = entry.At.FirstOrDefault(place => place.Axis == down.Name)
                    where first is not null && second is not null
                    select (Row: row, X: first.Value, Y: second.Value, Series: ReportFigure.Series(entry, 2))).ToList();
        var isOneSeries = rows.Select(row => row.Series).Distinct().Count() == 1;
        var values =
            from metric in experiment.Metrics.Index()
            let shade = Shading(Metric.Find(metric.Item), [.. rows.Select(row => row.Row.Cells[metric.Index].Shown).OfType<double>()])
            from row in rows
            let cell = row.Row.Cells[metric.Index]
            let place = ReportFigure.Place(report, row.Row.Dataset, row.Row.Model)
            select new JsonObject
            {
                ["row"] = metric.Index,
                ["place"] = isOneSeries ? place : $"{row.Series} · {place}",
                ["x"] = row.X,
                ["y"] = row.Y,
                ["label"] = Digits.Short(cell.Shown, cell.Definition.Unit),
                ["shade"] = cell.Shown is { } shown ? shade(shown) : null,
            };
        JsonObject[] drawn = [.. values];
        return new(
            experiment.Title,
            [ReportFigure.Origin(report), $"Measured means; brighter is better. Across: {across.Name}. Down: {down.Name}."],
            ReportFigure.Order(drawn),
            drawn)
        {
            Specification = Specification,
            Rows = [.. experiment.Metrics.Select(metric => FigureRow.Of(Metric.Find(metric)) with { Domain = null })],
            X = new(across.Name, AxisKind.Ordinal, across.Values),
        };
    }

    // 0 is worst, 1 best: of all that there can be for percentages, else of what there is.
    private static Func<double, double> Shading(MetricDefinition metric, double[] shown)
    {
        var (low, high) = metric.Unit == MetricUnit.Percent && metric.IsHigherBetter ? (0, 100)
            : shown is [] ? (0, 1) : (shown.Min(), shown.Max());
        return value =>
        {
            var share = high > low ? Math.Round(Math.Clamp((value - low) / (high - low), 0, 1), 6) : 0.5;
            return metric.IsHigherBetter ? share : 1 - share;
        };
    }
}
