using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Harness.Claims;
using Harness.Declarations;
using Harness.Inference;
using Harness.Measuring.Metrics;

namespace Harness.Reports;

/// <summary>
/// The report with all digits: the data file, and the snapshot. Figures, the page of claims and the comma-separated values are made of it
/// alone. Its members are in the order of the file.
/// </summary>
public sealed record ReportFile
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { ReportedNumber.Shape } },
    };

    /// <summary><c>dft/table1</c>.</summary>
    public required string Experiment { get; init; }

    /// <summary>The experiment's title.</summary>
    public required string Title { get; init; }

    /// <summary>The paper and the table that this regenerates.</summary>
    public required string Source { get; init; }

    /// <summary>The scale.</summary>
    public required string Scale { get; init; }

    /// <summary>The seeds, over which numbers are means; none in a file of an older version, which has one.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [];

    /// <summary>The only seed, in a file of an older version.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Seed { get; init; }

    /// <summary>How answers were taken.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>What locality is.</summary>
    public required LocalityDefinition Locality { get; init; }

    /// <summary>How the edits came; null where all at once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EditsProtocol? Edits { get; init; }

    /// <summary>Whether a metric is a time or taken from times.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Timed { get; init; }

    /// <summary>Class of machines on which the numbers are the same to the last bit.</summary>
    public required string NumericsClass { get; init; }

    /// <summary>How intervals were taken.</summary>
    public required ReportedInterval Interval { get; init; }

    /// <summary>The data sets, in table order.</summary>
    public required IReadOnlyList<ReportedSubject> Datasets { get; init; }

    /// <summary>The models, in table order.</summary>
    public required IReadOnlyList<ReportedSubject> Models { get; init; }

    /// <summary>Axes over which rows are varied; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AxisEntry>? Axes { get; init; }

    /// <summary>What is drawn; null in a file of an older version.</summary>
    public ReportedFigure? Figure { get; init; }

    /// <summary>The rows, in table order.</summary>
    public required IReadOnlyList<ReportedRow> Rows { get; init; }

    /// <summary>What the unedited models answer of the questions that they were not taught; null where they were taught all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Ceiling>? Ceilings { get; init; }

    /// <summary>The claims with their verdicts.</summary>
    public required IReadOnlyList<ReportedClaim> Claims { get; init; }

    /// <summary>The seeds, whichever version wrote the file.</summary>
    [JsonIgnore]
    public IReadOnlyList<long> AllSeeds => Seed is { } only ? [only] : Seeds;

    /// <summary>Data sets and models by their names in claims and options; without those of which an older file does not say it.</summary>
    [JsonIgnore]
    public IEnumerable<(string Name, ShownName Shown)> Shown =>
        Datasets.Concat(Models).Where(one => one.Real is not null).Select(one => (one.Name, one.Shown));

    /// <summary>The rows' metrics, in table order.</summary>
    [JsonIgnore]
    internal IReadOnlyList<Metric> Columns => Rows.Count == 0 ? [] : [.. Rows[0].Metrics.Keys.Select(Metric.Find)];

    /// <summary>The rows' names, in table order.</summary>
    [JsonIgnore]
    internal IReadOnlyList<string> Editors => [.. Rows.Select(row => row.Editor).Distinct()];

    /// <summary>Whether the paper gives any number.</summary>
    [JsonIgnore]
    internal bool HasPublished => Rows.Any(row => row.Metrics.Values.Any(number => number.Published is not null));

    /// <summary>A report as it is stored.</summary>
    /// <param name="report">What to write.</param>
    /// <param name="numericsClass">Class of machines on which the numbers are the same to the last bit.</param>
    public static ReportFile Of(Report report, string numericsClass)
    {
        var experiment = report.Experiment;
        var bootstrap = new Bootstrap(experiment.Seeds[0], report.Bootstrap);
        return new()
        {
            Experiment = $"{experiment.Paper}/{experiment.Name}",
            Title = experiment.Title,
            Source = experiment.Source,
            Scale = experiment.Scale,
            Seeds = experiment.Seeds,
            Protocol = experiment.Protocol,
            Locality = experiment.Locality,
            Edits = experiment.Edits == EditsProtocol.Batched ? null : experiment.Edits,
            Timed = report.IsTimed,
            NumericsClass = numericsClass,
            Interval = new(ReportText.Intervals(experiment), report.Bootstrap.Confidence, report.Bootstrap.Resamples),
            Datasets = [.. experiment.Datasets.Select(dataset => new ReportedSubject(
                dataset.Name, dataset.Title, dataset.StandIn, dataset.Shown.StandIn is null, Cases: report.CasesOf(dataset.Name)))],
            Models = [.. experiment.Models.Select(model => new ReportedSubject(
                model.Name, model.Title, model.StandIn, model.Shown.StandIn is null, Parameters: model.Parameters))],
            Axes = experiment.Axes.Count > 0 ? experiment.Axes : null,
            Figure = new(experiment.Figure, experiment.Figure == FigureKind.Retention ? Retention.MetricOf(report) : null),
            Rows = [.. report.Rows.Select(row => RowOf(report, row, bootstrap))],
            Ceilings = report.Ceilings is { Count: > 0 } ceilings ? ceilings : null,
            Claims = [.. report.Verdicts.Select(verdict => new ReportedClaim(
                verdict.Claim.Entry.That, verdict.Claim.Entry.On, verdict.Claim.Entry.Source, verdict.Measured, verdict.Published))],
        };
    }

    /// <summary>
    /// Indented JSON with a final line feed; numbers as the shortest text that reads back as the same number.
    /// </summary>
    public string ToText() => Text(this);

    /// <summary>Anything in the same layout.</summary>
    internal static string Text(object tree) => JsonSerializer.Serialize(tree, Layout) + "\n";

    /// <summary>Reads what <see cref="ToText"/> wrote, or what an older version did as far as it says the same.</summary>
    /// <exception cref="JsonException">It is no report.</exception>
    internal static ReportFile Parse(string text) =>
        JsonSerializer.Deserialize<ReportFile>(text, Layout) ?? throw new JsonException("null where a report should be");

    private static ReportedRow RowOf(Report report, ReportRow row, Bootstrap bootstrap)
    {
        var (experiment, kind) = (report.Experiment, report.Experiment.Figure);
        var varied = experiment.Editors.FirstOrDefault(entry => entry.Name == row.Editor) is { At.Count: > 0 } entry ? entry : null;
        List<MeasuredRow> measured = experiment.IsOriginal(row.Editor) ? [] : [.. report.Measured.Where(
            measured => (measured.Dataset, measured.Model, measured.Editor) == (row.Dataset, row.Model, row.Editor))];
        return new()
        {
            Dataset = row.Dataset,
            Model = row.Model,
            Editor = row.Editor,
            Series = varied?.Series,
            At = varied is null ? null : new(varied.At.Select(place => KeyValuePair.Create(place.Axis, place.Value))),
            Cases = row.Cases,
            Metrics = new(row.Cells.Select(cell => KeyValuePair.Create(cell.Metric, ReportedNumber.Of(cell)))),
            Budget = row.Budget.Count > 0
                ? new(row.Budget.Select(cell => KeyValuePair.Create(cell.Metric, ReportedNumber.Of(cell)))) : null,
            Retention = kind == FigureKind.Retention && measured.Count > 0
                ? Retention.Of(measured, Retention.MetricOf(report), bootstrap) : null,
            Changes = kind == FigureKind.Change && measured.Count > 0 ? LayerChange.Of(measured) : null,
        };
    }
}

/// <summary>How intervals were taken.</summary>
/// <param name="Method">In words.</param>
/// <param name="Confidence">Share of the resampled means inside.</param>
/// <param name="Resamples">Number of resamples.</param>
public sealed record ReportedInterval(string Method, double Confidence, int Resamples);

/// <summary>A data set or model.</summary>
/// <param name="Name">Its name in rows, claims and options.</param>
/// <param name="Title">The paper's own name; null in a file of an older version, as all that follow.</param>
/// <param name="StandIn">The declared entry that was taken.</param>
/// <param name="Real">Whether that is the paper's own: a published model, real records.</param>
/// <param name="Cases">Number of cases of a data set.</param>
/// <param name="Parameters">Number of a model's parameters.</param>
public sealed record ReportedSubject(
    string Name, string? Title = null, string? StandIn = null, bool? Real = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Cases = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Parameters = null)
{
    /// <summary>What it is called.</summary>
    [JsonIgnore]
    public ShownName Shown => new(Title ?? Name, Real == true ? null : StandIn, Parameters);
}

/// <summary>What is drawn.</summary>
/// <param name="Kind">The kind of figure.</param>
/// <param name="Metric">The metric of a figure of retention.</param>
public sealed record ReportedFigure(
    FigureKind Kind, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Metric = null);

/// <summary>One editor on one data set and model.</summary>
public sealed record ReportedRow
{
    /// <summary>Data set.</summary>
    public required string Dataset { get; init; }

    /// <summary>Model.</summary>
    public required string Model { get; init; }

    /// <summary>The row's name.</summary>
    public required string Editor { get; init; }

    /// <summary>Its name without its places on the axes; null where it is not varied.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Series { get; init; }

    /// <summary>Its places, by axis; null where it is not varied.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrderedDictionary<string, string>? At { get; init; }

    /// <summary>Number of cases scored with each seed.</summary>
    public required int Cases { get; init; }

    /// <summary>Its numbers by metric, in table order.</summary>
    public required OrderedDictionary<string, ReportedNumber> Metrics { get; init; }

    /// <summary>What its edits took, by metric; null where that is not shown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrderedDictionary<string, ReportedNumber>? Budget { get; init; }

    /// <summary>What is left of its edits, by runs of them; in figures of that.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RetentionBin>? Retention { get; init; }

    /// <summary>Sizes of its weights' change; in figures of that.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LayerChange>? Changes { get; init; }

    /// <summary>Its place on an axis; null where it has none.</summary>
    internal string? On(string axis) => At?.GetValueOrDefault(axis);
}

/// <summary>A claim with its verdicts.</summary>
/// <param name="That">The comparison.</param>
/// <param name="On">Where it is said to hold.</param>
/// <param name="Source">Where the paper says it.</param>
/// <param name="Measured">By what was measured here.</param>
/// <param name="Published">By the paper's own numbers.</param>
public sealed record ReportedClaim(string That, string On, string Source, Judgement Measured, Judgement Published);
