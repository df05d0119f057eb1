using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Declarations;

namespace Harness.Reports;

/// <summary>
/// The report with all digits: the data file, and the snapshot. Figures are drawn from it alone. Beside what its names say:
/// <c>title</c> of a data set or model is the paper's own, <c>stand-in</c> the declared entry that was taken, <c>real</c> whether that is
/// the paper's own (a published model, real records), <c>parameters</c> the model's number of parameters; <c>figure.kind</c> is what is
/// drawn. A row's <c>retention</c> (in experiments with that figure): for each run of edits its middle <c>edit</c>, <c>n</c>,
/// <c>percent</c> after all edits with <c>low</c> and <c>high</c>, and <c>each</c>, the percent right after each edit; all of the metric
/// <c>figure.metric</c>. A row's <c>changes</c> (likewise): the size of the weights' change in <c>percent</c> by <c>layer</c> and
/// <c>module</c>.
/// </summary>
public static class ReportJson
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// Indented JSON with a final line feed; numbers as the shortest text that reads back as the same number.
    /// </summary>
    /// <param name="report">What to write.</param>
    /// <param name="numericsClass">Class of machines on which the numbers are the same to the last bit.</param>
    public static string ToText(Report report, string numericsClass) => Text(Tree(report, numericsClass));

    /// <summary>
    /// The data sets and models of a report's tree, by their names in claims and options, data sets first; none of a tree that an older
    /// version wrote.
    /// </summary>
    internal static IEnumerable<(string Name, ShownName Shown)> Shown(JsonObject tree) =>
        from one in new[] { tree["datasets"], tree["models"] }.OfType<JsonArray>().SelectMany(list => list).OfType<JsonObject>()
        where one["real"] is not null
        select ((string)one["name"]!, ShownOf(one));

    /// <summary>What a data set or model of the tree is called.</summary>
    internal static ShownName ShownOf(JsonObject one) =>
        new((string)one["title"]!, (bool)one["real"]! ? null : (string)one["stand-in"]!, (long?)one["parameters"]);

    internal static string Text(JsonNode tree) => tree.ToJsonString(Layout) + "\n";

    private static JsonObject Tree(Report report, string numericsClass)
    {
        var experiment = report.Experiment;
        var tree = new JsonObject
        {
            ["experiment"] = $"{experiment.Paper}/{experiment.Name}",
            ["title"] = experiment.Title,
            ["source"] = experiment.Source,
            ["scale"] = experiment.Scale,
            ["seed"] = experiment.Seed,
            ["protocol"] = Digits.Id(experiment.Protocol),
            ["locality"] = Digits.Id(experiment.Locality),
        };
        if (experiment.Edits != EditsProtocol.Batched) tree["edits"] = Digits.Id(experiment.Edits);
        if (report.IsTimed) tree["timed"] = true;
        tree["numerics-class"] = numericsClass;
        tree["interval"] = new JsonObject
        {
            ["method"] = "percentile bootstrap over cases",
            ["confidence"] = report.Bootstrap.Confidence,
            ["resamples"] = report.Bootstrap.Resamples,
        };
        tree["datasets"] = List(experiment.Datasets, dataset => new()
        {
            ["name"] = dataset.Name,
            ["title"] = dataset.Title,
            ["stand-in"] = dataset.StandIn,
            ["real"] = dataset.Shown.StandIn is null,
            ["cases"] = report.CasesOf(dataset.Name),
        });
        tree["models"] = List(experiment.Models, model => new()
        {
            ["name"] = model.Name,
            ["title"] = model.Title,
            ["stand-in"] = model.StandIn,
            ["real"] = model.Shown.StandIn is null,
            ["parameters"] = model.Parameters,
        });
        if (experiment.Axes.Count > 0)
        {
            tree["axes"] = List(experiment.Axes, axis => new()
            {
                ["name"] = axis.Name,
                ["logarithmic"] = axis.IsLogarithmic,
                ["values"] = new JsonArray([.. axis.Values.Select(value => (JsonNode)value)]),
            });
        }

        var kind = experiment.Figure.Kind;
        tree["figure"] = new JsonObject { ["kind"] = Digits.Id(kind) };
        if (kind == FigureKind.Retention) tree["figure"]!["metric"] = Retention.MetricOf(report);
        var bootstrap = new Bootstrap(experiment.Seed, report.Bootstrap);
        tree["rows"] = List(report.Rows, row =>
        {
            var map = Row(experiment, row);
            if (report.Measured.FirstOrDefault(
                measured => (measured.Dataset, measured.Model, measured.Editor) == (row.Dataset, row.Model, row.Editor))
                is { } measured && !Metric.IsOriginal(experiment, row.Editor))
            {
                if (kind == FigureKind.Retention)
                    map["retention"] = List(Retention.Of(measured, Retention.MetricOf(report), bootstrap), Bin);
                if (kind == FigureKind.Change) map["changes"] = List(LayerChange.Of(measured), Change);
            }

            return map;
        });
        tree["claims"] = List(report.Verdicts, Claim);
        return tree;
    }

    private static JsonObject Row(Experiment experiment, ReportRow row)
    {
        var map = new JsonObject { ["dataset"] = row.Dataset, ["model"] = row.Model, ["editor"] = row.Editor };
        if (experiment.Editors.FirstOrDefault(entry => entry.Name == row.Editor) is { At.Count: > 0 } varied)
        {
            map["series"] = varied.Series;
            map["at"] = new JsonObject(varied.At.Select(place => KeyValuePair.Create(place.Axis, (JsonNode?)place.Value)));
        }

        map["cases"] = row.Cases;
        map["metrics"] = new JsonObject(row.Cells.Select(cell => KeyValuePair.Create(cell.Metric, (JsonNode?)Number(cell))));
        return map;
    }

    // Percents are stored with the fraction that they were made of; what has another unit is stored in it.
    private static JsonObject Number(ReportCell cell)
    {
        var unit = cell.Definition.Unit;
        var map = unit == MetricUnit.Percent
            ? new JsonObject { ["percent"] = cell.Shown }
            : new JsonObject { ["unit"] = Digits.Id(unit), ["value"] = cell.Shown };
        (map["low"], map["high"]) = (cell.ShownInterval?.Low, cell.ShownInterval?.High);
        if (unit == MetricUnit.Percent) map["fraction"] = cell.Mean;
        (map["n"], map["published"]) = (cell.N, cell.Published);
        return map;
    }

    private static JsonObject Bin(RetentionBin bin) => new()
    {
        ["edit"] = bin.Edit,
        ["n"] = bin.N,
        ["percent"] = bin.Percent,
        ["low"] = bin.Interval?.Low,
        ["high"] = bin.Interval?.High,
        ["each"] = bin.Each,
    };

    private static JsonObject Change(LayerChange change) =>
        new() { ["layer"] = change.Layer, ["module"] = change.Module, ["percent"] = change.Percent };

    private static JsonObject Claim(Verdict verdict) => new()
    {
        ["that"] = verdict.Claim.Entry.That,
        ["on"] = verdict.Claim.Entry.On,
        ["source"] = verdict.Claim.Entry.Source,
        ["measured"] = Judgement(verdict.Measured),
        ["published"] = Judgement(verdict.Published),
    };

    private static JsonObject Judgement(Judgement judgement) => new()
    {
        ["outcome"] = Verdict.Words(judgement.Outcome),
        ["holding"] = judgement.Holding,
        ["judged"] = judgement.Judged,
        ["comparisons"] = List(judgement.Comparisons, comparison =>
        {
            var map = new JsonObject
            {
                ["dataset"] = comparison.Dataset,
                ["model"] = comparison.Model,
                ["against"] = comparison.Against,
                ["outcome"] = Verdict.Words(comparison.Outcome),
            };
            if (comparison.Unit != MetricUnit.Percent) map["unit"] = Digits.Id(comparison.Unit);
            map["difference"] = comparison.Difference;
            if (comparison.Interval is { } interval) (map["low"], map["high"]) = (interval.Low, interval.High);
            return map;
        }),
    };

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonObject> write) => [.. items.Select(JsonNode (item) => write(item))];
}
