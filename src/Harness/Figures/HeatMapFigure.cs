using Harness.Figures.Drawing;
using Harness.Reports;
using ScottPlot;

namespace Harness.Figures;

/// <summary>
/// The first axis against the second: a panel for each metric, in a row for each series, data set and model; brighter is better, or more
/// where nothing is better.
/// </summary>
internal static class HeatMapFigure
{
    public static Page Of(ReportFile report, Theme theme)
    {
        var (across, down) = (report.Axes![0], report.Axes![1]);
        var rows = report.Rows.Where(row => row.On(across.Name) is not null && row.On(down.Name) is not null).ToList();
        var isOneSeries = rows.Select(row => FigureWords.Series(report, row, 2)).Distinct().Count() <= 1;
        var shades = report.Columns.Select(
            metric => new Shading(metric, [.. rows.Select(row => row.Metrics[metric.Name].Mean).OfType<double>()])).ToList();
        var panels = from place in rows.GroupBy(row => Place(report, row, isOneSeries))
                     from shade in shades
                     select new MapPanel(
                         FigureWords.Heading(shade.Metric), FigureWords.Behind(shade.Metric, place.Key),
                         [.. place.Select(row => Field(row, row.Metrics[shade.Metric.Name], shade))]);
        MapField Field(ReportedRow row, ReportedNumber cell, Shading shade) => new(
            row.On(across.Name)!, row.On(down.Name)!, cell.Mean is { } mean ? shade.Of(mean) : null,
                FigureWords.Number(cell.Mean, shade.Metric.Unit));
        var more = shades.TrueForAll(shade => shade.Metric.IsDescriptive) ? "more" : "better";
        return FieldMap.Of(
            report, $"Across: {across.Name} · down: {down.Name} · brighter is {more}", Keys(shades), [.. panels], shades.Count,
            (across.Name, across.Values), down.Values, theme);
    }

    private static string Place(ReportFile report, ReportedRow row, bool isOneSeries) =>
        string.Join(" · ", new[] { isOneSeries ? "" : FigureWords.Series(report, row, 2), FigureWords.Place(report, row) }
            .Where(text => text.Length > 0));

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
    private sealed record Shading(Metric Metric, IReadOnlyCollection<double> Shown)
    {
        private bool IsWhole => Metric is { Unit: MetricUnit.Percent, IsHigherBetter: true };

        private double Low => IsWhole || Shown.Count == 0 ? 0 : Shown.Min();

        private double High => IsWhole ? 100 : Shown.Count == 0 ? 1 : Shown.Max();

        public double Worst => Metric.IsHigherBetter ? Low : High;

        public double Best => Metric.IsHigherBetter ? High : Low;

        public double Of(double value) => High > Low ? Math.Clamp((value - Worst) / (Best - Worst), 0, 1) : 0.5;
    }
}

/// <summary>The size of the weights' change by layer and module: a panel for each editor, data set and model.</summary>
internal static class ChangeFigure
{
    private const int MostAcross = 3;

    // The order in which a layer uses them; others follow.
    private static readonly string[] Order = ["query", "key", "value", "output", "gate", "up", "down", "norms", "embedding", "head"];

    public static Page Of(ReportFile report, Theme theme)
    {
        var rows = report.Rows.Where(row => row.Changes?.Count > 0).ToList();
        var changes = rows.SelectMany(row => row.Changes!).ToList();
        string[] layers = [.. changes.Select(change => change.Layer).Distinct().OrderBy(LayerChange.Number)
            .ThenBy(layer => layer, StringComparer.Ordinal)];
        string[] modules = [
            .. changes.Select(change => change.Module).Distinct().OrderBy(Rank).ThenBy(module => module, StringComparer.Ordinal)];
        var largest = changes.Select(change => change.Percent).DefaultIfEmpty(0).Max();
        var panels = rows.Select(row => new MapPanel(row.Editor, FigureWords.Place(report, row),
            [.. row.Changes!.Select(change => new MapField(
                change.Layer, change.Module, largest > 0 ? change.Percent / largest : 0, Label(change.Percent)))]));
        LegendEntry[] keys = changes.Count == 0 ? []
            : [new($"{Digits.Short(largest)} % of the weights' size") { Key = FieldMap.Colors, KeyStart = "0" }];
        return FieldMap.Of(
            report, "Size of the weights' change, by layer (across) and module (down); brighter is larger", keys, [.. panels], MostAcross,
            ("layer", layers), modules, theme);
    }

    private static int Rank(string module) => Array.IndexOf(Order, module) is >= 0 and var place ? place : Order.Length;

    private static string Label(double percent) => percent is > 0 and < 0.05 ? "<0.1" : Digits.Short(percent);
}

/// <summary>A field of a map.</summary>
/// <param name="X">Its place across.</param>
/// <param name="Y">Its place down.</param>
/// <param name="Shade">From 0, dark, to 1, bright; null where there is no number.</param>
/// <param name="Label">The number.</param>
internal sealed record MapField(string X, string Y, double? Shade, string Label);

/// <summary>A panel of fields.</summary>
/// <param name="What">Its heading.</param>
/// <param name="Where">Behind the heading.</param>
/// <param name="Fields">Its fields.</param>
internal sealed record MapPanel(string What, string Where, IReadOnlyList<MapField> Fields);

/// <summary>Fields in rows and columns, coloured by their number, which stands in them where it fits.</summary>
internal static class FieldMap
{
    // Pixels: of a field from top to bottom, the most from left to right, room around its number.
    private const float FieldHeight = 26, MostFieldWidth = 90, LabelRoom = 6;
    private const float Gap = 18, InnerLeft = 4;

    // Relative luminance above which black is easier to read than white.
    private const double Bright = 0.18;

    /// <summary>The colours, dark to bright.</summary>
    public static IColormap Colors { get; } = new ScottPlot.Colormaps.Viridis();

    /// <summary>A page of maps that share their axes.</summary>
    /// <param name="report">What is shown.</param>
    /// <param name="note">A line of the subtitle.</param>
    /// <param name="keys">Keys of the colours.</param>
    /// <param name="panels">The maps, row by row.</param>
    /// <param name="most">Most of them side by side.</param>
    /// <param name="across">Name and values of the horizontal axis.</param>
    /// <param name="down">Values of the vertical axis, from the top.</param>
    /// <param name="theme">Colours.</param>
    public static Page Of(
        ReportFile report, string note, IReadOnlyList<LegendEntry> keys, IReadOnlyList<MapPanel> panels, int most,
        (string Name, IReadOnlyList<string> Values) across, IReadOnlyList<string> down, Theme theme)
    {
        var left = down.Select(label => EmbeddedFont.Width(label, Theme.Small)).DefaultIfEmpty(0).Max() + 8;
        var widest = panels.SelectMany(panel => panel.Fields).Select(field => EmbeddedFont.Width(field.Label, Theme.Small))
            .DefaultIfEmpty(0).Max() + LabelRoom;
        var columns = Math.Max(1, Enumerable.Range(1, Math.Max(1, Math.Min(most, panels.Count)))
            .LastOrDefault(count => Page.DataWidthOf(count, left, InnerLeft, Gap) / across.Values.Count >= widest));
        var page = new Page(report, theme, keys, note)
        {
            Columns = columns,
            Left = left,
            InnerLeft = InnerLeft,
            Gap = Gap,
            Bottom = 38 + (13 * across.Values.Max(value => value.Count(letter => letter == '\n'))),
            InnerBottom = 22,
            MostDataWidth = MostFieldWidth * across.Values.Count,
        };
        var hasLabels = page.DataWidth / across.Values.Count >= widest;
        foreach (var (place, panel) in panels.Index())
        {
            var plot = page.Add(place / columns, place % columns, panel.What, panel.Where, FieldHeight * down.Count);
            plot.Grid.IsVisible = false;
            plot.Axes.SetLimits(-0.5, across.Values.Count - 0.5, down.Count - 0.5, -0.5);
            page.Ticks(plot, Edge.Bottom, across.Values.Select((value, i) => ((double)i, value)));
            page.Ticks(plot, Edge.Left, down.Select((value, i) => ((double)i, place % columns == 0 ? value : "")));
            if (place + columns >= panels.Count) page.NameAxis(plot, across.Name);
            foreach (var field in panel.Fields)
                Draw(plot, field, across.Values.ToList().IndexOf(field.X), down.ToList().IndexOf(field.Y), hasLabels, theme);
        }

        return page;
    }

    // Rectangles, not ScottPlot's map: that is one small picture, which SVG viewers blur.
    private static void Draw(Plot plot, MapField field, int x, int y, bool hasLabel, Theme theme)
    {
        var color = field.Shade is { } shade ? Colors.GetColor(shade) : theme.Grid;
        var box = plot.Add.Rectangle(x - 0.5, x + 0.5, y - 0.5, y + 0.5);
        (box.FillColor, box.LineColor, box.LineWidth) = (color, theme.Paper, 1.5f);
        if (!hasLabel) return;
        var text = plot.Add.Text(field.Label, x, y);
        (text.LabelAlignment, text.LabelFontSize, text.LabelFontName) = (Alignment.MiddleCenter, Theme.Small, EmbeddedFont.Family);
        text.LabelFontColor = field.Shade is null ? theme.Soft : Luminance(color) > Bright ? Theme.Light.Ink : Theme.Light.Paper;
    }

    // WCAG 2.2, relative luminance.
    internal static double Luminance(Color color)
    {
        static double Linear(byte value)
        {
            var share = value / 255.0;
            return share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Linear(color.R)) + (0.7152 * Linear(color.G)) + (0.0722 * Linear(color.B));
    }
}
