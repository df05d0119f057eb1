using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

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
    /// Indented JSON with a final line feed; percents and fractions as the shortest text that reads back as the same number.
    /// </summary>
    /// <param name="report">What to write.</param>
    /// <param name="numericsClass">Class of machines on which the numbers are the same to the last bit.</param>
    public static string ToText(Report report, string numericsClass) => Text(Tree(report, numericsClass));

    internal static string Text(JsonNode tree) => tree.ToJsonString(Layout) + "\n";

    private static JsonObject Tree(Report report, string numericsClass)
    {
        var experiment = report.Experiment;
        return new()
        {
            ["experiment"] = $"{experiment.Paper}/{experiment.Name}",
            ["title"] = experiment.Title,
            ["source"] = experiment.Source,
            ["scale"] = experiment.Scale,
            ["seed"] = experiment.Seed,
            ["protocol"] = Digits.Id(experiment.Protocol),
            ["locality"] = Digits.Id(experiment.Locality),
            ["numerics-class"] = numericsClass,
            ["interval"] = new JsonObject
            {
                ["method"] = "percentile bootstrap over cases",
                ["confidence"] = report.Bootstrap.Confidence,
                ["resamples"] = report.Bootstrap.Resamples,
            },
            ["datasets"] = List(experiment.Datasets, dataset => new()
            {
                ["name"] = dataset.Name,
                ["stand-in"] = dataset.StandIn,
                ["cases"] = report.CasesOf(dataset.Name),
            }),
            ["models"] = List(experiment.Models, model => new() { ["name"] = model.Name, ["stand-in"] = model.StandIn }),
            ["rows"] = List(report.Rows, Row),
            ["claims"] = List(report.Verdicts, Claim),
        };
    }

    private static JsonObject Row(ReportRow row) => new()
    {
        ["dataset"] = row.Dataset,
        ["model"] = row.Model,
        ["editor"] = row.Editor,
        ["cases"] = row.Cases,
        ["metrics"] = new JsonObject(row.Cells.Select(cell => KeyValuePair.Create(cell.Metric, (JsonNode?)new JsonObject
        {
            ["percent"] = cell.Percent,
            ["low"] = cell.PercentInterval?.Low,
            ["high"] = cell.PercentInterval?.High,
            ["fraction"] = cell.Mean,
            ["n"] = cell.N,
            ["published"] = cell.Published,
        }))),
    };

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
                ["difference"] = comparison.Difference,
            };
            if (comparison.Interval is { } interval) (map["low"], map["high"]) = (interval.Low, interval.High);
            return map;
        }),
    };

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonObject> write) => [.. items.Select(JsonNode (item) => write(item))];
}
