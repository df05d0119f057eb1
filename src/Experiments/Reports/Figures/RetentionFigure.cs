using System.Globalization;
using System.Text.Json.Nodes;

namespace Harness.Experiments.Reports.Figures;

/// <summary>
/// How well the edits are kept after all of them, by their place among them, for <c>retention.vl.json</c>; dashed, how well each was made.
/// </summary>
internal static class RetentionFigure
{
    // More bins than this are no easier to read; fewer edits than bins are drawn one by one.
    private const int MostBins = 20;

    public static Figure Of(Report report)
    {
        var experiment = report.Experiment;
        var bootstrap = new Bootstrap(experiment.Seed, report.Bootstrap);
        var rows = report.Measured.Where(row => !Metric.IsOriginal(experiment, row.Editor)).ToList();
        var series = rows.Exists(row => row.Scores.ContainsKey("reliability")) ? "reliability" : "es";
        JsonObject[] drawn =
        [
            .. from row in rows
               from moment in new[] { (Series: series, When: "after all edits"), (Series: $"{series}-each", When: "right after each edit") }
               from bin in Bins(row, moment.Series, bootstrap)
               select new JsonObject
               {
                   ["row"] = 0,
                   ["place"] = ReportFigure.Place(report, row.Dataset, row.Model),
                   ["series"] = row.Editor,
                   ["when"] = moment.When,
                   ["x"] = bin.Position,
                   ["mean"] = Digits.Percent(bin.Mean),
                   ["low"] = bin.Spread is { } low ? Digits.Percent(low.Low) : null,
                   ["high"] = bin.Spread is { } high ? Digits.Percent(high.High) : null,
               },
        ];
        var last = rows.Select(row => row.Scores.GetValueOrDefault(series)?.Count ?? 0).Append(1).Max();
        return new(
            experiment.Title,
            [
                ReportFigure.Origin(report),
                $"{Metric.Find(series).Name} of each edit after all of them, in at most {MostBins} bins; bands: "
                    + $"{ReportText.Confidence(report)} bootstrap intervals."
                    + (drawn.Any(value => (string?)value["when"] == "right after each edit") ? " Dashed: right after each edit." : ""),
            ],
            ReportFigure.Order(drawn),
            drawn)
        {
            Specification = "retention.vl.json",
            Rows = [FigureRow.Of(Metric.Find(series))],
            X = new("place of the edit among the edits", AxisKind.Linear,
                [.. new[] { 0.0, 0.25, 0.5, 0.75, 1 }.Select(share => Math.Max(1, Math.Round(share * last))).Distinct()
                    .Select(mark => mark.ToString(CultureInfo.InvariantCulture))]),
        };
    }

    /// <summary>Means over runs of edits as even as can be, each at the middle of its run; the first edit is 1.</summary>
    internal static IEnumerable<(double Position, double Mean, Interval? Spread)> Bins(MeasuredRow row, string series, Bootstrap bootstrap)
    {
        double[] values = [.. (row.Scores.GetValueOrDefault(series) ?? []).OrderBy(item => item.Id).Select(item => item.Value)];
        var bins = Math.Min(MostBins, values.Length);
        for (var bin = 0; bin < bins; bin++)
        {
            var (first, end) = (bin * values.Length / bins, (bin + 1) * values.Length / bins);
            var inside = values[first..end];
            yield return ((first + 1 + end) / 2.0, inside.Average(), inside.Length > 1 ? bootstrap.Mean(inside) : null);
        }
    }
}
