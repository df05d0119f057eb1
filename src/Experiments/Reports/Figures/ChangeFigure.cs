using System.Globalization;
using System.Text.Json.Nodes;

namespace Harness.Experiments.Reports.Figures;

/// <summary>
/// The relative size of the weights' change by layer and module, for <c>heat-map.vl.json</c>: editors in rows, data sets and models in columns.
/// It is read from the series <c>change/layer/module</c>.
/// </summary>
internal static class ChangeFigure
{
    private const string Prefix = "change/";

    public static Figure Of(Report report)
    {
        var experiment = report.Experiment;
        var changes = (from row in report.Measured
                       from series in row.Scores
                       where series.Key.StartsWith(Prefix, StringComparison.Ordinal) && series.Value.Count > 0
                       let parts = series.Key[Prefix.Length..].Split('/', 2)
                       where parts.Length == 2
                       select (Row: row, Layer: parts[0], Module: parts[1], Percent: Digits.Percent(series.Value.Average(item => item.Value)))).ToList();
        string[] editors = [.. experiment.Editors.Select(entry => entry.Name).Where(name => changes.Exists(change => change.Row.Editor == name))];
        string[] layers = [.. changes.Select(change => change.Layer).Distinct().OrderBy(Number).ThenBy(layer => layer, StringComparer.Ordinal)];
        var largest = changes.Select(change => change.Percent).Append(0).Max();
        JsonObject[] drawn =
        [
            .. from change in changes
               select new JsonObject
               {
                   ["row"] = Array.IndexOf(editors, change.Row.Editor),
                   ["place"] = ReportFigure.Place(report, change.Row.Dataset, change.Row.Model),
                   ["x"] = change.Layer,
                   ["y"] = change.Module,
                   ["label"] = change.Percent is > 0 and < 0.05 ? "<0.1" : Digits.Short(change.Percent),
                   ["shade"] = largest > 0 ? Math.Round(change.Percent / largest, 6) : 0,
               },
        ];
        return new(
            experiment.Title,
            [ReportFigure.Origin(report), "Size of the weights' change in percent of the weights; brighter is larger. Across: layer. Down: module."],
            ReportFigure.Order(drawn),
            drawn)
        {
            Specification = HeatMapFigure.Specification,
            Rows = [.. editors.Select(editor => new FigureRow(editor, null))],
            X = new("layer", AxisKind.Ordinal, layers),
        };
    }

    private static double Number(string layer) =>
        double.TryParse(layer, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.PositiveInfinity;
}
