using Harness.Figures.Drawing;
using Harness.Reports;
using ScottPlot;

namespace Harness.Figures;

/// <summary>
/// Lines over the first axis: metrics side by side where there is one place (data set and model), else metrics in rows and places in
/// columns. Where one series is varied on several models, the models are the lines, so that they can be compared.
/// </summary>
internal static class SweepFigure
{
    // Pixels: height of a panel, left of panels' data, between lines that count as one, by which a line that lies below another looks out.
    private const float Height = 150, Left = 34, OwnLeft = 34, SharedLeft = 8, Touching = 1.5f, Wider = 1.4f, Larger = 2.2f;
    private const float LineWidth = 2, MarkSize = 6.5f;
    private const byte BandAlpha = 46;
    private const int MostAcross = 4;
    private static readonly (float On, float Off) AcrossDash = (6, 4), PublishedDash = (3, 3);

    public static Page Of(ReportFile report, Theme theme)
    {
        var axis = FigureAxis.Of(report.Axes![0]);
        var isByModel = report.Models.Count > 1 && report.Rows.Select(row => Series(report, row)).Distinct().Count() == 1;
        string Line(ReportedRow row) => isByModel ? FigureWords.Shown(report.Models, row.Model) : Series(report, row);
        string Place(ReportedRow row) => FigureWords.Place(report, row, withModel: !isByModel);
        string[] lines = [.. report.Rows.Select(Line).Distinct()], places = [.. report.Rows.Select(Place).Distinct()];
        var isOnePlace = places.Length == 1;
        var columns = !isOnePlace ? places.Length : report.Columns.Count == MostAcross ? MostAcross
            : Math.Min(MostAcross - 1, report.Columns.Count);
        var note = isByModel ? $"{Series(report, report.Rows[0])}, varied over {axis.Title}" : "";
        var page = new Page(report, theme, Legend(report, theme, lines, Line), note)
        {
            Columns = columns,
            Left = Left,
            InnerLeft = isOnePlace ? OwnLeft : SharedLeft,
            Gap = isOnePlace ? 10 : 20,
            Bottom = 38,
            InnerBottom = isOnePlace ? 38 : 22,
        };
        foreach (var (m, metric) in report.Columns.Index())
        {
            // Panels of a metric share its axis.
            var scale = ValueScale.Of(
                metric, [.. report.Rows.SelectMany(row => Numbers(row.Metrics[metric.Name]))], metric.Unit == MetricUnit.Seconds);
            foreach (var (p, place) in places.Index())
            {
                var (row, column) = isOnePlace ? (m / columns, m % columns) : (m, p);
                var plot = page.Add(row, column, FigureWords.Heading(metric), FigureWords.Behind(metric, place), Height);
                SetAxes(page, plot, axis, scale, hasLabels: isOnePlace || column == 0);
                if (isOnePlace || m == report.Columns.Count - 1) page.NameAxis(plot, axis.Title);
                var drawn = lines.Select(line => new Curve(
                    axis, scale, metric.Name, [.. report.Rows.Where(one => Place(one) == place && Line(one) == line)])).ToList();
                foreach (var (i, curve) in drawn.Index()) DrawBand(plot, curve, theme.ColorOf(i));
                foreach (var (i, curve) in drawn.Index())
                {
                    var above = drawn.Skip(i + 1).Count(other => curve.Coincides(other, Touching * (scale.High - scale.Low) / Height));
                    DrawLine(plot, curve, i, above, theme);
                }
            }
        }

        return page;
    }

    private static string Series(ReportFile report, ReportedRow row) =>
        FigureWords.Series(report, row, row.On(report.Axes![0].Name) is not null ? 1 : 0);

    private static IEnumerable<double> Numbers(ReportedNumber cell) =>
        new[] { cell.Mean, cell.Interval?.Low, cell.Interval?.High, cell.Published }.OfType<double>();

    private static void SetAxes(Page page, Plot plot, FigureAxis axis, ValueScale scale, bool hasLabels)
    {
        var theme = page.Theme;
        double[] at = [.. axis.Values.Select(axis.At)];
        var beside = at.Max() > at.Min() ? (at.Max() - at.Min()) * 0.05 : 0.5;
        var room = (scale.High - scale.Low) * 0.055;
        plot.Axes.SetLimits(at.Min() - beside, at.Max() + beside, scale.Low - room, scale.High + room);
        page.Ticks(plot, Edge.Left, scale.Ticks.Select(tick => (tick.At, hasLabels ? tick.Label : "")));
        page.Ticks(plot, Edge.Bottom,
            axis.Values.Select((value, i) => (at[i], axis.Kind == AxisKind.Ordinal ? value : FigureWords.WithMinus(value))));
        var bottom = plot.Axes.Bottom;
        (bottom.MajorTickStyle.Length, bottom.MajorTickStyle.Color) = (3, theme.Axis);
        (bottom.FrameLineStyle.Width, bottom.FrameLineStyle.Color) = (1, theme.Axis);
    }

    private static void DrawBand(Plot plot, Curve curve, Color color)
    {
        if (curve.Band.Count < 2) return;
        var band = plot.Add.FillY([.. curve.Band.Select(point => point.X)], [.. curve.Band.Select(point => point.Low)],
            [.. curve.Band.Select(point => point.High)]);
        (band.FillColor, band.LineWidth, band.MarkerShape) = (color.WithAlpha(BandAlpha), 0, MarkerShape.None);
    }

    private static void DrawLine(Plot plot, Curve curve, int series, int above, Theme theme)
    {
        var color = theme.ColorOf(series);
        var limits = plot.Axes.GetLimits();
        if (curve.Across is { } across)
            plot.Add.Plottable(new DashedLine([limits.Left, limits.Right], [across, across], color, LineWidth, AcrossDash));
        if (curve.Points.Count > 0)
        {
            var line = plot.Add.Scatter(
                curve.Points.Select(point => point.X).ToArray(), curve.Points.Select(point => point.Y).ToArray(), color);
            (line.LineWidth, line.MarkerShape, line.MarkerSize) =
                (LineWidth + (above * Wider), Theme.ShapeOf(series), MarkSize + (above * Larger));
        }

        if (curve.Published.Count == 0) return;
        double[] xs = [.. curve.Published.Select(point => point.X)], ys = [.. curve.Published.Select(point => point.Y)];
        plot.Add.Plottable(new DashedLine(xs, ys, color, 1, PublishedDash));
        plot.Add.Plottable(new WholeMarkers(xs, ys).With(theme.Hollow(color, Theme.ShapeOf(series), 8)));
    }

    private static List<LegendEntry> Legend(ReportFile report, Theme theme, string[] lines, Func<ReportedRow, string> line)
    {
        var legend = new List<LegendEntry>();
        foreach (var (i, name) in lines.Index())
        {
            var rows = report.Rows.Where(row => line(row) == name).ToList();
            var isAcross = rows.TrueForAll(row => row.On(report.Axes![0].Name) is null);
            legend.Add(new(rows.TrueForAll(row => row.At is null) ? $"{name}, not varied" : name)
            {
                Line = theme.ColorOf(i),
                Dash = isAcross ? AcrossDash : null,
                Marker = isAcross ? null : new(Theme.ShapeOf(i), 7, theme.ColorOf(i)),
            });
        }

        if (report.Rows.Any(row => row.At is not null && row.Metrics.Values.Any(cell => cell.Interval is not null)))
            legend.Add(new($"band: {FigureWords.Interval(report)}") { Band = theme.Ink.WithAlpha(BandAlpha) });
        if (report.HasPublished)
            legend.Add(new(FigureWords.Published)
            {
                Line = theme.Ink,
                LineWidth = 1,
                Dash = PublishedDash,
                Marker = theme.Hollow(theme.Ink, MarkerShape.FilledCircle, 8)
            });
        return legend;
    }

    /// <summary>One line of one panel, in the axes' own measures.</summary>
    private sealed class Curve
    {
        public Curve(FigureAxis axis, ValueScale scale, string metric, IReadOnlyList<ReportedRow> rows)
        {
            var placed = rows.Where(row => row.On(axis.Title) is not null)
                .Select(row => (X: axis.At(row.On(axis.Title)!), Cell: row.Metrics[metric])).OrderBy(point => point.X).ToList();
            Points = [.. from point in placed where point.Cell.Mean is not null select (point.X, scale.At(point.Cell.Mean!.Value))];
            Published = [.. from point in placed where point.Cell.Published is not null select (
                point.X, scale.At(point.Cell.Published!.Value))];
            Band = [.. from point in placed where point.Cell.Interval is not null select (
                point.X, scale.At(point.Cell.Interval!.Low), scale.At(point.Cell.Interval.High))];
            Across = rows.Where(row => row.On(axis.Title) is null).Select(row => row.Metrics[metric].Mean).FirstOrDefault() is { } mean
                ? scale.At(mean) : null;
        }

        public IReadOnlyList<(double X, double Y)> Points { get; }

        public IReadOnlyList<(double X, double Y)> Published { get; }

        public IReadOnlyList<(double X, double Low, double High)> Band { get; }

        /// <summary>The height of a row that is not varied.</summary>
        public double? Across { get; }

        /// <summary>Whether another line hides a piece of this one: two neighbouring points, or all where there is one.</summary>
        public bool Coincides(Curve other, double touching)
        {
            bool[] equal = [.. Points.Select(
                point => other.Points.Any(theirs => theirs.X == point.X && Math.Abs(theirs.Y - point.Y) <= touching))];
            return equal.Length == 1 ? equal[0] : equal.Zip(equal.Skip(1)).Any(pair => pair.First && pair.Second);
        }
    }
}
