using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Experiments.Declarations;

namespace Harness.Experiments.Reports;

/// <summary>The report with all digits: the data file, and the snapshot.</summary>
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
            ["stand-in"] = dataset.StandIn,
            ["cases"] = report.CasesOf(dataset.Name),
        });
        tree["models"] = List(experiment.Models, model => new() { ["name"] = model.Name, ["stand-in"] = model.StandIn });
        if (experiment.Axes.Count > 0)
        {
            tree["axes"] = List(experiment.Axes, axis => new()
            {
                ["name"] = axis.Name,
                ["values"] = new JsonArray([.. axis.Values.Select(value => (JsonNode)value)]),
            });
        }

        tree["rows"] = List(report.Rows, row => Row(experiment, row));
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
