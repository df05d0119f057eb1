using System.Text.RegularExpressions;
using Harness.Experiments.Declarations;
using Harness.Experiments.Planning;
using Harness.Studies.Metrics;

namespace Harness.Experiments.Reports;

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
        if (overrides.Edits is { } edits) words.Add($"--edits={edits}");
        if (overrides.Seed is { } seed) words.Add($"--seed={seed}");
        if (overrides.Editors is { } editors) words.Add($"--editors={string.Join(',', editors)}");
        words.AddRange(overrides.Set.Select(set => $"--set={set}"));
        return string.Join(' ', words.Select(Quote));
    }

    // For a POSIX shell.
    private static string Quote(string word) => PlainWord().IsMatch(word) ? word : $"'{word.Replace("'", @"'\''")}'";

    [GeneratedRegex(@"^[\w./:=,+-]+$", RegexOptions.ECMAScript)]
    private static partial Regex PlainWord();

    /// <summary>How answers were taken.</summary>
    public static string Protocol(Protocol protocol) => protocol switch
    {
        Studies.Metrics.Protocol.TfToken => "bare prompt, teacher forced, share of target tokens that are the argmax",
        Studies.Metrics.Protocol.TfAll => "bare prompt, teacher forced, 1 when every target token is the argmax",
        Studies.Metrics.Protocol.WildEm => "bare prompt, greedy answer of at most 32 tokens, normalised exact match",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
    };

    /// <summary>What locality means.</summary>
    public static string Locality(LocalityDefinition locality) => locality switch
    {
        LocalityDefinition.SameArgmax => "share of answer positions whose argmax the edit left as it was, right or wrong",
        _ => throw new ArgumentOutOfRangeException(nameof(locality)),
    };

    /// <summary>Confidence as in <c>95 %</c>.</summary>
    public static string Confidence(Report report) => $"{Digits.Full(Digits.Percent(report.Bootstrap.Confidence))} %";

    /// <summary>What stands for the paper's data sets and models, or empty where they are used as they are.</summary>
    public static string StandIns(Report report)
    {
        var pairs = report.Experiment.Datasets.Select(d => (d.Name, d.StandIn))
            .Concat(report.Experiment.Models.Select(m => (m.Name, m.StandIn)));
        return string.Join(", ", pairs.Where(pair => pair.Name != pair.StandIn).Select(pair => $"{pair.StandIn} for {pair.Name}"));
    }

    /// <summary>Number of cases of each data set.</summary>
    public static string Cases(Report report) =>
        string.Join(", ", report.Experiment.Datasets.Select(d => $"{report.CasesOf(d.Name)} of {d.Name}"));

    /// <summary>
    /// The best editors of each column, by measured mean: those within a column that share the highest. <c>original</c> does not compete.
    /// </summary>
    public static bool IsBest(Report report, ReportRow row, ReportCell cell) => row.Editor != Metric.Original && cell.Mean is { } mean
        && report.Rows.Where(r => r.Dataset == row.Dataset && r.Model == row.Model && r.Editor != Metric.Original)
            .All(r => (r.Cells.First(c => c.Metric == cell.Metric).Mean ?? 0) <= mean);
}
