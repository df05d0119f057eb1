using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Declarations;
using Harness.Reports;

namespace Harness.Figures;

/// <summary>What figures are drawn from: a report's JSON (<see cref="ReportJson"/>), and nothing else.</summary>
internal sealed record FigureReport
{
    public required string Title { get; init; }
    public required string Source { get; init; }
    public required string Scale { get; init; }
    public required string Protocol { get; init; }
    public required long Seed { get; init; }

    /// <summary>Confidence of the intervals, as in <c>95 %</c>.</summary>
    public required string Confidence { get; init; }
    public required FigureKind Kind { get; init; }

    /// <summary>What the numbers are means over: cases, or rounds where they are times.</summary>
    public string Items { get; init; } = "cases";

    /// <summary>The metric of a figure of retention.</summary>
    public string RetainedMetric { get; init; } = "";
    public required IReadOnlyList<FigureSubject> Datasets { get; init; }
    public required IReadOnlyList<FigureSubject> Models { get; init; }
    public required IReadOnlyList<AxisEntry> Axes { get; init; }
    public required IReadOnlyList<FigureRow> Rows { get; init; }

    /// <summary>The rows' metrics, in table order.</summary>
    public IReadOnlyList<MetricDefinition> Metrics => Rows.Count == 0 ? [] : [.. Rows[0].Cells.Keys.Select(Metric.Find)];

    /// <summary>The rows' names, in table order.</summary>
    public IReadOnlyList<string> Editors => [.. Rows.Select(row => row.Editor).Distinct()];

    /// <summary>Whether the paper gives any number.</summary>
    public bool HasPublished => Rows.Any(row => row.Cells.Values.Any(cell => cell.Published is not null));

    /// <summary>A data set and model as people are told of them; what all rows share is left out.</summary>
    public string Place(FigureRow row, bool withModel = true) => string.Join(" · ",
        new[] { Datasets.Count > 1 ? Dataset(row.Dataset) : null, withModel && Models.Count > 1 ? Model(row.Model)
            : null }.OfType<string>());

    /// <summary>A data set as people are told of it.</summary>
    public string Dataset(string name) => Datasets.First(one => one.Name == name).Shown.Text;

    /// <summary>A model as people are told of it.</summary>
    public string Model(string name) => Models.First(one => one.Name == name).Shown.Text;

    /// <summary>Reads a report's JSON.</summary>
    /// <param name="tree">The JSON.</param>
    /// <param name="where">The file, for the message.</param>
    /// <exception cref="InputException">It is no report, or one of an older version, which lacks what figures need.</exception>
    public static FigureReport Read(JsonObject tree, string where)
    {
        try
        {
            return new()
            {
                Title = Text(tree, "title"),
                Source = Text(tree, "source"),
                Scale = Text(tree, "scale"),
                Protocol = Text(tree, "protocol"),
                Seed = (long)Need(tree, "seed"),
                Confidence = $"{Digits.Full(Digits.Percent((double)Need(tree["interval"]!.AsObject(), "confidence")))} %",
                Kind = CanonicalJson.FromNode<FigureKind>(Need(Need(tree, "figure").AsObject(), "kind")),
                Items = (bool?)tree["timed"] == true ? "rounds" : "cases",
                RetainedMetric = (string?)tree["figure"]!["metric"] ?? "",
                Datasets = Subjects(tree, "datasets"),
                Models = Subjects(tree, "models"),
                Axes = [.. List(tree, "axes")
                    .Select(axis => new AxisEntry(Text(axis, "name"), [.. axis["values"]!.AsArray().Select(value => (string)value!)])
                {
                    IsLogarithmic = (bool)Need(axis, "logarithmic"),
                })],
                Rows = [.. List(tree, "rows").Select(FigureRow.Read)],
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InputException(
                $"{where}: found no report that a figure can be drawn of ({error.Message}), " +
                    "expected what this version of the harness writes; regenerate it with the experiment's target", error);
        }
    }

    internal static string Text(JsonObject map, string key) => (string)Need(map, key)!;

    internal static IEnumerable<JsonObject> List(JsonObject map, string key) =>
        (map[key]?.AsArray() ?? []).Select(item => item!.AsObject());

    private static JsonNode Need(JsonObject map, string key) => map[key] ?? throw new KeyNotFoundException($"no '{key}'");

    private static List<FigureSubject> Subjects(JsonObject tree, string key) =>
    [
        .. List(tree, key).Select(one =>
        {
            foreach (var key in (string[])["title", "stand-in", "real"]) _ = Need(one, key); // older versions wrote not all
            return new FigureSubject(Text(one, "name"), ReportJson.ShownOf(one));
        }),
    ];
}

/// <summary>A data set or model.</summary>
/// <param name="Name">Its name in rows.</param>
/// <param name="Shown">What people are told.</param>
internal sealed record FigureSubject(string Name, ShownName Shown);

/// <summary>A number as it is shown, in its metric's unit.</summary>
/// <param name="Mean">Null where the metric is not defined.</param>
/// <param name="Interval">Its interval; null with the mean, and of a single item, which has none.</param>
/// <param name="Published">The paper's; null where it gives none.</param>
internal sealed record FigureCell(double? Mean, Interval? Interval, double? Published);

/// <summary>A row of the report.</summary>
internal sealed record FigureRow(string Dataset, string Model, string Editor, string Series, int Cases)
{
    /// <summary>Its places on the axes, by axis; empty where it is not varied.</summary>
    public IReadOnlyDictionary<string, string> At { get; init; } = new Dictionary<string, string>();

    /// <summary>Its numbers by metric.</summary>
    public required OrderedDictionary<string, FigureCell> Cells { get; init; }

    /// <summary>What is left of its edits; empty but in a figure of that.</summary>
    public IReadOnlyList<RetentionBin> Retention { get; init; } = [];

    /// <summary>Its changes of weights; empty but in a figure of those.</summary>
    public IReadOnlyList<LayerChange> Changes { get; init; } = [];

    /// <summary>Its name without its places on the first axes.</summary>
    public string SeriesBehind(IReadOnlyList<AxisEntry> axes, int count) => At.Count <= count ? Series
        : $"{Series} @ {string.Join(", ", axes.Where(axis => At.ContainsKey(axis.Name)).Skip(count).Select(axis => At[axis.Name]))}";

    /// <summary>Reads a row of the report's JSON.</summary>
    public static FigureRow Read(JsonObject row)
    {
        var editor = FigureReport.Text(row, "editor");
        return new(FigureReport.Text(row, "dataset"), FigureReport.Text(row, "model"), editor, (string?)row["series"] ?? editor,
            (int)row["cases"]!)
        {
            At = (row["at"]?.AsObject() ?? []).ToDictionary(place => place.Key, place => (string)place.Value!),
            Cells = new(row["metrics"]!.AsObject().Select(cell => KeyValuePair.Create(cell.Key, Cell(cell.Value!.AsObject())))),
            Retention =
            [
                .. FigureReport.List(row, "retention").Select(bin => new RetentionBin(
                    (double)bin["edit"]!, (int)bin["n"]!, (double)bin["percent"]!, Ends(bin), (double?)bin["each"])),
            ],
            Changes = [.. FigureReport.List(row, "changes").Select(change => new LayerChange(
                FigureReport.Text(change, "layer"), FigureReport.Text(change, "module"), (double)change["percent"]!))],
        };
    }

    private static FigureCell Cell(JsonObject cell) =>
        new((double?)cell["percent"] ?? (double?)cell["value"], (int)cell["n"]! > 1 ? Ends(cell) : null, (double?)cell["published"]);

    private static Interval? Ends(JsonObject map) =>
        (double?)map["low"] is { } low && (double?)map["high"] is { } high ? new(low, high) : null;
}
