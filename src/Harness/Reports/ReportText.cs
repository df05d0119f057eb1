using System.Text.RegularExpressions;
using Harness.Declarations;
using Harness.Inference;
using Harness.Measuring.Capability.Tasks;
using Harness.Measuring.Metrics;
using Harness.Planning;

namespace Harness.Reports;

/// <summary>What tables, figures and the terminal say in words.</summary>
internal static partial class ReportText
{
    /// <summary>The command that makes the same bytes again, without what is so anyway.</summary>
    public static string Command(Report report)
    {
        var (experiment, overrides) = (report.Experiment, report.Experiment.Overrides);
        List<string> words = ["./build.sh", $"--target={experiment.Target}"];
        if (experiment.Scale != ExperimentCatalog.DefaultScale) words.Add($"--scale={experiment.Scale}");
        if (overrides.Device != KeyContext.Cpu) words.Add($"--device={overrides.Device}");
        if (overrides.IsFast) words.Add("--numerics=fast");
        if (overrides.Edits is { } edits) words.Add($"--edits={edits}");
        if (overrides.Seed is { } seed) words.Add($"--seed={seed}");
        if (overrides.Editors is { } editors) words.Add($"--editors={string.Join(',', editors)}");
        words.AddRange(overrides.Set.Select(set => $"--set={set}"));
        return (experiment.Tasks.Count > 0 ? $"{TaskFolder.Variable}=<folder> " : "") + string.Join(' ', words.Select(Quote));
    }

    // For a POSIX shell.
    private static string Quote(string word) => PlainWord().IsMatch(word) ? word : $"'{word.Replace("'", @"'\''")}'";

    [GeneratedRegex(@"^[\w./:=,+-]+$", RegexOptions.ECMAScript)]
    private static partial Regex PlainWord();

    /// <summary>How answers were taken.</summary>
    public static string Protocol(Protocol protocol) => Digits.Id(protocol) switch
    {
        "tf-token" => "bare prompt, teacher forced, share of target tokens that are the argmax",
        "tf-all" => "bare prompt, teacher forced, 1 when every target token is the argmax",
        "wild-em" => "bare prompt, greedy answer of at most 32 tokens, normalised exact match",
        "wild-em-qa" => "question in a prompt that asks for an answer, greedy answer of at most 50 tokens, normalised exact match",
        "nll-pair" => "bare prompt, teacher forced, likelihood per token of the new answer against the true one",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
    };

    /// <summary>What locality means.</summary>
    public static string Locality(LocalityDefinition locality) => Digits.Id(locality) switch
    {
        "same-argmax" => "share of answer positions whose argmax the edit left as it was, right or wrong",
        "same-text" => "share of questions whose greedy answer the edit left as it was, right or wrong",
        "truth" => "share of questions that are still answered with their truth",
        _ => throw new ArgumentOutOfRangeException(nameof(locality)),
    };

    /// <summary>When the scores were taken.</summary>
    public static string Moment(Report report) => report.Experiment.Edits switch
    {
        EditsProtocol.Sequential => "edits come one after another, scored after all of them",
        EditsProtocol.Single => "each edit alone on the unedited model, scored right away and taken back",
        _ => "scored after all edits",
    };

    /// <summary>What a table's numbers are in, and which are better: <c>Percent, higher is better</c>.</summary>
    public static string Units(Report report)
    {
        var metrics = report.Experiment.Metrics.Select(Metric.Find).ToList();
        var judged = metrics.Where(metric => !metric.IsDescriptive).ToLookup(metric => metric.IsHigherBetter, metric => metric.Name);
        string[] described = [.. metrics.Where(metric => metric.IsDescriptive).Select(metric => metric.Name)];
        var lower = string.Join(", ", judged[false]);
        var better = new[]
        {
            judged[true].Any() ? "higher is better" : "",
            !judged[false].Any() ? "" : judged[true].Any() ? $"but lower for {lower}" : "lower is better",
            described.Length > 0 ? $"neither for {string.Join(", ", described)}" : "",
        }.Where(words => words.Length > 0);
        var units = IsAllPercent(report) ? "Percent, "
            : metrics.Exists(metric => metric.Unit == MetricUnit.Percent) ? "Percent where a column names no unit; "
            : "Units stand behind the names; ";
        return units + string.Join(", ", better);
    }

    /// <summary>Whether every metric is shown in percent.</summary>
    public static bool IsAllPercent(Report report) =>
        report.Experiment.Metrics.All(metric => Metric.Find(metric).Unit == MetricUnit.Percent);

    /// <summary><c>Seed 2</c>, <c>Seeds 2, 3 and 4</c>.</summary>
    public static string Seeds(IReadOnlyList<long> seeds) => $"Seed{(seeds.Count > 1 ? "s" : "")} {Digits.List(seeds)}";

    /// <summary>How intervals are taken.</summary>
    public static string Intervals(Experiment experiment) =>
        $"percentile bootstrap over {(experiment.Seeds.Count > 1 ? "seeds and their cases" : "cases")}";

    /// <summary>Confidence as in <c>95 %</c>.</summary>
    public static string Confidence(Report report) => $"{Digits.Full(Digits.Percent(report.Bootstrap.Confidence))} %";

    /// <summary>What numbers here are of, data sets first: <c>world-zsre, for zsRE; tiny-llama2, 0.8 M, for LLaMA-2-7B</c>.</summary>
    public static string MeasuredOn(Report report) => string.Join("; ", Shown(report.Experiment).Select(one => one.Shown.Text));

    /// <summary>Whether anything stands for what the paper measured.</summary>
    public static bool HasStandIns(Report report) => Shown(report.Experiment).Any(one => one.Shown.StandIn is not null);

    /// <summary>Data sets and models by the names that claims and options have for them.</summary>
    public static IEnumerable<(string Name, ShownName Shown)> Shown(Experiment experiment) =>
        experiment.Datasets.Select(dataset => (dataset.Name, dataset.Shown))
            .Concat(experiment.Models.Select(model => (model.Name, model.Shown)));

    /// <summary>Number of cases of each data set; from fewest to most where the number of edits is varied.</summary>
    public static string Cases(Report report) =>
        string.Join("; ", report.Experiment.Datasets.Select(d => $"{CasesOf(report, d.Name)} of {d.Shown}"));

    /// <summary>Number of cases of one data set, as text.</summary>
    public static string CasesOf(Report report, string dataset) =>
        Digits.Range(report.Rows.Where(row => row.Dataset == dataset).Select(row => row.Cases));

    /// <summary>Heads of the columns that name a row: <c>editor</c>, one for each axis, and its rank in a table of ranks.</summary>
    public static IReadOnlyList<string> RowHeads(Experiment experiment) =>
        ["editor", .. experiment.Axes.Select(axis => axis.Name), .. experiment.RankedBy is null ? Array.Empty<string>() : ["rank"]];

    /// <summary>What stands in those columns for a row; empty for an axis on which it has no place, and without a rank.</summary>
    public static IReadOnlyList<string> RowNames(Report report, EditorEntry entry)
    {
        var experiment = report.Experiment;
        return
        [
            experiment.Axes.Count == 0 ? entry.Name : entry.Series,
            .. experiment.Axes.Select(axis => entry.At.FirstOrDefault(place => place.Axis == axis.Name)?.Value ?? ""),
            .. experiment.RankedBy is not { } metric ? Array.Empty<string>()
                : [Rank(report.Rows.FirstOrDefault(row => row.Editor == entry.Name)?.RankBy(metric))],
        ];
    }

    /// <summary>A rank with its interval, <c>3 (1–7)</c>; empty for null.</summary>
    public static string Rank(Rank? rank) => rank is null ? "" : $"{rank.Place} ({Digits.Range([rank.Low, rank.High])})";

    /// <summary>A cell of a table: measured mean, its interval, and the paper's number where the paper gives any.</summary>
    /// <param name="report">The report.</param>
    /// <param name="row">The row; null where it was not measured.</param>
    /// <param name="metric">The column's metric.</param>
    /// <param name="spread">An interval behind a mean.</param>
    /// <param name="best">Marks the best mean of its column; null where none is marked.</param>
    /// <param name="escape">Makes plain text that of the table; null where it is.</param>
    public static string Cell(
        Report report, ReportRow? row, string metric, Func<Interval, MetricUnit, string> spread, Func<string, string>? best = null,
        Func<string, string>? escape = null)
    {
        string Number(double? shown, MetricUnit unit) =>
            escape is null ? Digits.Short(shown, unit) : escape(Digits.Short(shown, unit));

        var cell = row?.Cells.Concat(row.Budget).First(cell => cell.Metric == metric);
        if (cell is null or { Mean: null, Published: null }) return Number(null, MetricUnit.Percent);
        var unit = cell.Definition.Unit;
        var mean = Number(cell.Shown, unit);
        var measured = (best is not null && IsBest(report, row!, cell) ? best(mean) : mean)
            + (cell.Spread is { } interval ? spread(interval, unit) : "");
        return report.HasPublished && !row!.Budget.Contains(cell) ? $"{measured} / {Number(cell.Published, unit)}" : measured;
    }

    /// <summary>
    /// The best editors of each column, by measured mean: those within a column that share the highest, or the lowest where that is better;
    /// none where neither is. <c>original</c> does not compete, and rows only with those that were given as many edits.
    /// </summary>
    public static bool IsBest(Report report, ReportRow row, ReportCell cell)
    {
        var experiment = report.Experiment;
        if (cell.Mean is not { } mean || cell.Definition.IsDescriptive || experiment.IsOriginal(row.Editor)) return false;
        var rivals = from rival in report.Rows
                     where rival.Dataset == row.Dataset && rival.Model == row.Model && !experiment.IsOriginal(rival.Editor)
                         && EditsOf(experiment, rival.Editor) == EditsOf(experiment, row.Editor)
                     select rival.Cells.First(other => other.Metric == cell.Metric).Mean;
        return rivals.OfType<double>().All(rival => cell.Definition.IsHigherBetter ? rival <= mean : rival >= mean);
    }

    private static int? EditsOf(Experiment experiment, string row) => experiment.Editors.FirstOrDefault(entry => entry.Name == row)?.Edits;
}
