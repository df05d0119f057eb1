using System.Globalization;
using Harness.Measuring.Capability;
using Harness.Measuring.Cells;
using Harness.Measuring.Metrics;
using Harness.Planning;

namespace Harness.Reports;

/// <summary>Collects what the cells behind a row measured.</summary>
internal static class RowSeries
{
    private const string FullTuning = "full-ft";

    /// <summary>All series of a row by name, each in the order of its items.</summary>
    /// <param name="row">The row.</param>
    /// <param name="withEdit">Whether those of its Edit cell are wanted.</param>
    /// <param name="open">Gives a finished cell's folder.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Read(
        PlannedRow row, bool withEdit, Func<PlannedCell, string> open)
    {
        var series = new Dictionary<string, List<SeriesItem>>(StringComparer.Ordinal);
        if (row.Score.Kind == CellKind.Timing)
        {
            AddTimes(series, row.Editor, CaseLines.ReadTimes(open(row.Score)));
            Of(series, "memory").AddRange(
                CaseLines.ReadMemory(open(row.Score)).Select(round => new SeriesItem(round.Id, round.Values[row.Editor])));
            return Done(series);
        }

        if (row.Score.Kind == CellKind.Trace)
        {
            if (CaseLines.ReadSeries(CellKind.Trace, open(row.Score)).TryGetValue(row.Editor, out var effects))
                series["indirect-effect"] = [.. effects];
            return Done(series);
        }

        Add(series, CaseLines.ReadCases(open(row.Score)), "");
        if (withEdit && row.Edit is { } edit)
        {
            Add(series, CaseLines.ReadEach(open(edit)), "-each");
            AddItems(series, CellKind.Edit, open(edit));
            AddModules(series, "change-attention", ["query", "key", "value", "output"]);
            AddModules(series, "change-mlp", ["gate", "up", "down"]);
        }

        if (row.Capability is { } capability)
            AddItems(series, CellKind.Capability, open(capability));
        return Done(series);
    }

    private static void Add(Dictionary<string, List<SeriesItem>> series, IReadOnlyList<CaseScore> lines, string suffix)
    {
        foreach (var line in lines)
        {
            foreach (var (name, value) in line.Values)
            {
                Of(series, name + suffix).Add(new SeriesItem(line.Id, value)
                {
                    Said = line.Said is { } said && said.TryGetValue(name, out var answers) ? string.Join(" | ", answers) : null,
                });
            }
        }
    }

    private static void AddItems(Dictionary<string, List<SeriesItem>> series, CellKind kind, string folder)
    {
        foreach (var (name, items) in CaseLines.ReadSeries(kind, folder))
            Of(series, name).AddRange(items);
    }

    // Relative sizes of the change of some modules' weights, by layer: the mean of those that the layer has.
    private static void AddModules(Dictionary<string, List<SeriesItem>> series, string name, string[] modules)
    {
        List<SeriesItem> layers =
        [
            .. from one in series
               let parts = one.Key.Split('/')
               where parts is ["change", _, _] && modules.Contains(parts[2]) && int.TryParse(parts[1], out _)
               group one.Value.Average(item => item.Value) by int.Parse(parts[1], CultureInfo.InvariantCulture) into layer
               orderby layer.Key
               select new SeriesItem(layer.Key, layer.Average()),
        ];
        if (layers.Count > 0) series[name] = layers;
    }

    // The seconds of a row, and how many times full fine-tuning's of the same round and number of edits they are.
    private static void AddTimes(Dictionary<string, List<SeriesItem>> series, string row, IReadOnlyList<CaseScore> rounds)
    {
        var peer = row.IndexOf('@') is >= 0 and var at ? FullTuning + row[at..] : FullTuning;
        foreach (var round in rounds)
        {
            Of(series, "seconds").Add(new SeriesItem(round.Id, round.Values[row]));
            if (round.Values.TryGetValue(peer, out var seconds))
                Of(series, "ratio").Add(new SeriesItem(round.Id, round.Values[row] / seconds));
        }
    }

    private static List<SeriesItem> Of(Dictionary<string, List<SeriesItem>> series, string name) =>
        series.TryGetValue(name, out var known) ? known : series[name] = [];

    private static Dictionary<string, IReadOnlyList<SeriesItem>> Done(Dictionary<string, List<SeriesItem>> series) =>
        series.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<SeriesItem>)pair.Value, StringComparer.Ordinal);
}
