using Harness.Figures.Drawing;
using Harness.Reports;

namespace Harness.Figures;

/// <summary>
/// The first axis against the second: a panel for each metric, in a row for each series, data set and model; brighter is better.
/// </summary>
internal static class HeatMapFigure
{
    public static Page Of(FigureReport report, Theme theme)
    {
        var (across, down) = (report.Axes[0], report.Axes[1]);
        var rows = report.Rows.Where(row => row.At.ContainsKey(across.Name) && row.At.ContainsKey(down.Name)).ToList();
        var isOneSeries = rows.Select(row => row.SeriesBehind(report.Axes, 2)).Distinct().Count() <= 1;
        var shades = report.Metrics.Select(
            metric => new Shading(metric, [.. rows.Select(row => row.Cells[metric.Name].Mean).OfType<double>()])).ToList();
        var panels = from place in rows.GroupBy(row => Place(report, row, isOneSeries))
                     from shade in shades
                     select new MapPanel(
                         FigureWords.Heading(shade.Metric), FigureWords.Behind(shade.Metric, place.Key),
                         [.. place.Select(row => Field(row, row.Cells[shade.Metric.Name], shade))]);
        MapField Field(FigureRow row, FigureCell cell, Shading shade) => new(
            row.At[across.Name], row.At[down.Name], cell.Mean is { } mean ? shade.Of(mean) : null,
                FigureWords.Number(cell.Mean, shade.Metric.Unit));
        return FieldMap.Of(
            report, [$"Across: {across.Name} · down: {down.Name} · brighter is better"], Keys(shades), [.. panels], shades.Count,
            (across.Name, across.Values), down.Values, theme);
    }

    private static string Place(FigureReport report, FigureRow row, bool isOneSeries) =>
        string.Join(" · ", new[] { isOneSeries ? "" : row.SeriesBehind(report.Axes, 2), report.Place(row) }.Where(text => text.Length > 0));

    // One key where all metrics share it, else one for each, with its name.
    private static List<LegendEntry> Keys(List<Shading> shades)
    {
        var isShared = shades.Select(shade => (shade.Worst, shade.Best, shade.Metric.Unit)).Distinct().Count() == 1;
        return
        [
            .. from shade in isShared ? shades.Take(1) : shades
               let unit = shade.Metric.Unit
               select new LegendEntry($"{Number(shade.Best, unit)} {Digits.Symbol(unit)}")
               {
                   Key = FieldMap.Colors,
                   KeyStart = isShared ? Number(shade.Worst, unit) : $"{shade.Metric.Words}: {Number(shade.Worst, unit)}",
               },
        ];
    }

    private static string Number(double value, MetricUnit unit) =>
        unit == MetricUnit.Percent ? FigureWords.Label(value) : FigureWords.Number(value, unit).TrimEnd('×');

    /// <summary>Turns numbers into shades: 0 is worst, 1 best, of all that there can be for percentages, else of what there is.</summary>
    private sealed record Shading(MetricDefinition Metric, IReadOnlyCollection<double> Shown)
    {
        private bool IsWhole => Metric is { Unit: MetricUnit.Percent, IsHigherBetter: true };

        private double Low => IsWhole || Shown.Count == 0 ? 0 : Shown.Min();

        private double High => IsWhole ? 100 : Shown.Count == 0 ? 1 : Shown.Max();

        public double Worst => Metric.IsHigherBetter ? Low : High;

        public double Best => Metric.IsHigherBetter ? High : Low;

        public double Of(double value) => High > Low ? Math.Clamp((value - Worst) / (Best - Worst), 0, 1) : 0.5;
    }
}
