using System.Text;
using Harness.Claims;
using Harness.Figures;

namespace Harness.Reports;

/// <summary>The report as a page that GitHub shows: one table for each data set, then the claims, then how it was made.</summary>
internal static class MarkdownTable
{
    // Metrics that the notes on protocol and locality explain already.
    private static readonly string[] Plain = ["reliability", "generality", "locality"];

    public static string ToText(Report report, bool withFigure)
    {
        var experiment = report.Experiment;
        var page = new StringBuilder();
        void Line(string text = "") => page.Append(text).Append('\n');

        Line($"# {Escape(experiment.Title)}");
        Line();
        Line($"Regenerates {Escape(experiment.Source)} at the {experiment.Scale} scale. "
            + $"{ReportText.Units(report)}: measured mean ({ReportText.Confidence(report)} interval)"
            + (report.HasPublished ? " / published. " : ". ") + "Bold: best measured in its column"
            + (experiment.Editors.Any(editor => editor.Edits is not null) ? ", among as many edits." : "."));
        foreach (var dataset in experiment.Datasets)
        {
            Line();
            Line($"## {Escape(dataset.Shown.Text)}");
            Line();
            Table(report, dataset.Name, experiment.Metrics, Line);
        }

        if (experiment.RankedBy is not null)
        {
            Line();
            Ranks(report, Line);
        }

        if (experiment.Budget.Count > 0)
        {
            Line();
            Line("## What the edits took");
            foreach (var dataset in experiment.Datasets)
            {
                Line();
                Table(report, dataset.Name, experiment.Budget, Line);
                Line();
                Line($"{Escape(dataset.Shown.Text)}: {string.Join("; ", experiment.Budget.Select(metric => Metric.Find(metric)).Select(
                    metric => $"`{metric.Name}`, {Escape(metric.Meaning)}"))}; means over seeds, `{Digits.None}` where there are none.");
            }
        }

        if (withFigure)
        {
            Line();
            Line(Picture(experiment));
        }

        if (report.Verdicts.Count > 0)
        {
            Line();
            Claims(report, Line);
        }

        Line();
        Notes(report, Line);
        return page.ToString();
    }

    /// <summary>Text in a table cell or a heading.</summary>
    internal static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var character in text)
        {
            escaped.Append(character switch
            {
                '|' or '*' or '_' or '`' or '<' or '>' or '[' or ']' or '\\' => $"\\{character}",
                '\n' => " ",
                _ => character.ToString(),
            });
        }

        return escaped.ToString();
    }

    // GitHub chooses by the reader's theme.
    private static string Picture(Declarations.Experiment experiment)
    {
        var alternative = System.Net.WebUtility.HtmlEncode($"{experiment.Title}: {ReportFigure.Describe(experiment.Figure)}");
        return $"<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"{experiment.Name}-dark.png\">"
            + $"<img alt=\"{alternative}\" src=\"{experiment.Name}.png\"></picture>";
    }

    private static void Table(Report report, string dataset, IReadOnlyList<string> metrics, Action<string> line)
    {
        var (experiment, isBudget) = (report.Experiment, metrics != report.Experiment.Metrics);
        (Declarations.ModelEntry Model, string Metric)[] columns = [
            .. from model in experiment.Models from metric in metrics select (model, metric)];
        var heads = ReportText.RowHeads(experiment);
        string[] titles = [.. heads.Select(Escape),
            .. columns.Select(c => $"{string.Join("<br>", c.Model.Shown.Lines.Append(Metric.Find(c.Metric).Title).Select(Escape))}")];
        line($"| {string.Join(" | ", titles)} |");
        line($"|{string.Concat(heads.Select((_, i) => i == 0 ? "---|" : "---:|"))}{string.Concat(columns.Select(_ => "---:|"))}");
        foreach (var editor in experiment.Editors.Where(editor => !isBudget || !experiment.IsOriginal(editor.Name)))
        {
            string[] cells = [.. columns.Select(column => ReportText.Cell(
                report, report.Find(dataset, column.Model.Name, editor.Name), column.Metric,
                (interval, unit) => $" ({Digits.Range(interval, unit)})", isBudget ? null : best => $"**{best}**"))];
            line($"| {string.Join(" | ", [.. ReportText.RowNames(report, editor).Select(Escape), .. cells])} |");
        }

        var ceilings = columns.Select(column => report.Ceilings.FirstOrDefault(ceiling =>
            (ceiling.Dataset, ceiling.Model, ceiling.Metric) == (dataset, column.Model.Name, column.Metric))).ToList();
        if (ceilings.Exists(ceiling => ceiling is not null))
        {
            string[] shown = [.. ceilings.Select(ceiling => ceiling is null ? "" : Digits.Short(ceiling.Percent))];
            line($"| {string.Join(" | ", [.. heads.Select((_, i) => i == 0 ? "*ceiling*" : ""), .. shown])} |");
        }
    }

    private static void Ranks(Report report, Action<string> line)
    {
        var experiment = report.Experiment;
        line("## Ranks");
        line("");
        line($"| {string.Join(" | ", experiment.Metrics.Select(metric => Metric.Find(metric).Name).Prepend("editor").Select(Escape))} |");
        line($"|---|{string.Concat(experiment.Metrics.Select(_ => "---:|"))}");
        foreach (var row in report.Rows.Where(row => !experiment.IsOriginal(row.Editor)))
            line($"| {string.Join(" | ", row.Cells.Select(cell => ReportText.Rank(cell.Rank)).Prepend(Escape(row.Editor)))} |");
        line("");
        line($"A rank and its {ReportText.Confidence(report)} interval: below as many editors as are better and above as many as are worse "
            + $"by their paired differences, corrected for the number of rivals (Holm). Rows stand by `{experiment.RankedBy}`.");
        foreach (var alike in Alike(report))
            line($"The numbers of {Digits.List([.. alike.Select(name => $"`{name}`")])} are the same throughout.");
    }

    // Editors of which one is another by its options.
    private static IEnumerable<string[]> Alike(Report report) => report.Measured.GroupBy(row => row.Editor)
        .Where(rows => !report.Experiment.IsOriginal(rows.Key))
        .GroupBy(rows => string.Join('\n', rows.SelectMany(row => row.Scores.OrderBy(one => one.Key, StringComparer.Ordinal)
            .SelectMany(one => one.Value.Select(item => $"{row.Seed} {one.Key} {item.Id} {Digits.Full(item.Value)}")))))
        .Select(same => same.Select(rows => rows.Key).ToArray()).Where(same => same.Length > 1);

    private static void Claims(Report report, Action<string> line)
    {
        line("## Claims");
        line("");
        line("| claim | on | measured | the paper's own numbers |");
        line("|---|---|---|---|");
        foreach (var (claim, measured, published) in report.Verdicts)
            line(ClaimLine(claim.Entry.That, claim.Entry.On, claim.Entry.Source, measured, published));

        line("");
        line($"A place (data set and model) holds where the {ReportText.Confidence(report)} interval of the paired difference, "
            + $"{(ReportText.IsAllPercent(report) ? "in points" : "in points or the unit shown")}, lies on the claimed side. "
            + (report.Verdicts.Count > 1
                ? $"The verdicts are corrected for the {report.Verdicts.Count} claims of this table (Holm); p is the claim's own. " : "")
            + "The page of all claims corrects for those of the paper.");
    }

    /// <summary>A line of a table of claims.</summary>
    internal static string ClaimLine(string that, string on, string source, Judgement measured, Judgement published) =>
        $"| `{that}`<br>{Escape(source)} | {Escape(on)} | {Words(measured)} | {Words(published)} |";

    private static string Words(Judgement judgement)
    {
        var (words, summary) = (Verdict.Words(judgement.Outcome), Escape(judgement.Summary));
        return summary.StartsWith(words, StringComparison.Ordinal) ? $"**{words}**{summary[words.Length..]}" : $"**{words}**: {summary}";
    }

    private static void Notes(Report report, Action<string> line)
    {
        var experiment = report.Experiment;
        line("## How it was made");
        line("");
        if (!Metric.AnyFrom(MetricSource.Traces, experiment))
        {
            line($"- Protocol `{Digits.Id(experiment.Protocol)}`: {ReportText.Protocol(experiment.Protocol)}; "
                + $"{ReportText.Moment(report)}.");
        }

        if (experiment.Metrics.Any(metric => metric.StartsWith("locality", StringComparison.Ordinal)))
            line($"- Locality `{Digits.Id(experiment.Locality)}`: {ReportText.Locality(experiment.Locality)}.");
        foreach (var metric in experiment.Metrics.Where(metric => !Plain.Contains(metric)).Select(Metric.Find))
            line($"- `{metric.Name}`: {Escape(metric.Meaning)}.");
        if (report.IsTimed)
        {
            line($"- Times are those of the machine that `{experiment.Name}.provenance.json` names: another run's differ, " +
                "so this table has no snapshot.");
        }

        line($"- {ReportText.Seeds(experiment.Seeds)}; cases: {Escape(ReportText.Cases(report))}"
            + $"{(experiment.Seeds.Count > 1 ? " with each seed, which is a world, its models and its edits" : "")}.");
        line($"- Intervals: {ReportText.Intervals(experiment)}, {report.Bootstrap.Resamples} resamples; "
            + $"exact where every score is 0 or 1{(report.HasGroups ? "; questions about one person are drawn together" : "")}.");
        if (report.Ceilings.Count > 0)
        {
            line("- *ceiling*: share of the old answers that the unedited models give, every token the argmax, to prompts that they were "
                + "taught (reliability) and to those that they were never taught of these subjects.");
        }

        var names = ReportText.Shown(experiment).Select(one => $"`{one.Name}` is {Escape(one.Shown.Text)}");
        line($"- Names in claims and options: {string.Join("; ", names)}."
            + (ReportText.HasStandIns(report) ? " Published numbers are of the paper's own models and data." : ""));
        line($"- All digits: `{experiment.Name}.json`, `{experiment.Name}.csv`; every score: `{experiment.Name}{CasesTable.Extension}`; "
            + $"machine and options: `{experiment.Name}.provenance.json`.");
        line($"- Regenerate: `{ReportText.Command(report)}`");
    }
}
