using Harness.Figures.Drawing;
using Harness.Reports;

namespace Harness.Figures;

/// <summary>The size of the weights' change by layer and module: a panel for each editor, data set and model.</summary>
internal static class ChangeFigure
{
    private const int MostAcross = 3;

    // The order in which a layer uses them; others follow.
    private static readonly string[] Order = ["query", "key", "value", "output", "gate", "up", "down", "norms", "embedding", "head"];

    public static Page Of(FigureReport report, Theme theme)
    {
        var rows = report.Rows.Where(row => row.Changes.Count > 0).ToList();
        var changes = rows.SelectMany(row => row.Changes).ToList();
        string[] layers = [.. changes.Select(change => change.Layer).Distinct().OrderBy(LayerChange.Number)
            .ThenBy(layer => layer, StringComparer.Ordinal)];
        string[] modules = [
            .. changes.Select(change => change.Module).Distinct().OrderBy(Rank).ThenBy(module => module, StringComparer.Ordinal)];
        var largest = changes.Select(change => change.Percent).DefaultIfEmpty(0).Max();
        var panels = rows.Select(row => new MapPanel(row.Editor, report.Place(row), [.. row.Changes.Select(change => new MapField(
            change.Layer, change.Module, largest > 0 ? change.Percent / largest : 0, Label(change.Percent)))]));
        LegendEntry[] keys = changes.Count == 0 ? []
            : [new($"{Digits.Short(largest)} % of the weights' size") { Key = FieldMap.Colors, KeyStart = "0" }];
        return FieldMap.Of(
            report, ["Size of the weights' change, by layer (across) and module (down); brighter is larger"], keys, [.. panels], MostAcross,
            ("layer", layers), modules, theme);
    }

    private static int Rank(string module) => Array.IndexOf(Order, module) is >= 0 and var place ? place : Order.Length;

    private static string Label(double percent) => percent is > 0 and < 0.05 ? "<0.1" : Digits.Short(percent);
}
