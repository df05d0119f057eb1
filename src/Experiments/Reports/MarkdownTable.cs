using System.Text;

namespace Harness.Experiments.Reports;

/// <summary>The report as a page that GitHub shows: one table for each data set, then the claims, then how it was made.</summary>
internal static class MarkdownTable
{
    public static string ToText(Report report, bool withFigure)
    {
        var experiment = report.Experiment;
        var page = new StringBuilder();
        void Line(string text = "") => page.Append(text).Append('\n');

        Line($"# {Escape(experiment.Title)}");
        Line();
        Line($"Regenerates {Escape(experiment.Source)} at the {experiment.Scale} scale. "
            + $"Percent, higher is better: measured mean ({ReportText.Confidence(report)} interval)"
            + (report.HasPublished ? " / published. " : ". ") + "Bold: best measured in its column.");
        foreach (var dataset in experiment.Datasets)
        {
            Line();
            Line($"## {Escape(dataset.Name)}");
            Line();
            Table(report, dataset.Name, Line);
        }

        if (withFigure)
        {
            Line();
            Line($"![{Escape(experiment.Title)}: measured bars with intervals, published diamonds]({experiment.Name}.svg)");
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

    private static void Table(Report report, string dataset, Action<string> line)
    {
        var experiment = report.Experiment;
        (string Model, string Metric)[] columns =
            [.. from model in experiment.Models from metric in experiment.Metrics select (model.Name, metric)];
        line($"| editor | {string.Join(" | ", columns.Select(c => $"{Escape(c.Model)}<br>{Escape(c.Metric)}"))} |");
        line($"|---|{string.Concat(columns.Select(_ => "---:|"))}");
        foreach (var editor in experiment.Editors)
        {
            string[] cells = [.. columns.Select(column => report.Find(dataset, column.Model, editor.Name) is { } row
                ? Cell(report, row, row.Cells.First(cell => cell.Metric == column.Metric)) : Digits.None)];
            line($"| {Escape(editor.Name)} | {string.Join(" | ", cells)} |");
        }
    }

    private static string Cell(Report report, ReportRow row, ReportCell cell)
    {
        if (cell.Mean is null && cell.Published is null) return Digits.None;
        var mark = ReportText.IsBest(report, row, cell) ? "**" : "";
        var measured = cell.PercentInterval is { } interval
            ? $"{mark}{Digits.Short(cell.Percent)}{mark} ({Digits.Range(interval)})"
            : Digits.None;
        return report.HasPublished ? $"{measured} / {Digits.Short(cell.Published)}" : measured;
    }

    private static void Claims(Report report, Action<string> line)
    {
        line("## Claims");
        line("");
        line("| claim | on | measured | the paper's own numbers |");
        line("|---|---|---|---|");
        foreach (var verdict in report.Verdicts)
        {
            var entry = verdict.Claim.Entry;
            line($"| `{entry.That}`<br>{Escape(entry.Source)} | {Escape(entry.On)} "
                + $"| {Words(verdict.Measured)} | {Words(verdict.Published)} |");
        }

        line("");
        line($"Measured: in each place, the {ReportText.Confidence(report)} interval of the paired difference, in points, "
            + "must lie on the claimed side.");
    }

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
        line($"- Protocol `{Digits.Id(experiment.Protocol)}`: {ReportText.Protocol(experiment.Protocol)}; scored after all edits.");
        line($"- Locality `{Digits.Id(experiment.Locality)}`: {ReportText.Locality(experiment.Locality)}.");
        line($"- Seed {experiment.Seed}; cases: {Escape(ReportText.Cases(report))}.");
        line($"- Intervals: percentile bootstrap over cases, {report.Bootstrap.Resamples} resamples.");
        if (ReportText.StandIns(report) is { Length: > 0 } standIns)
            line($"- Stand-ins: {Escape(standIns)}. Published numbers are of the paper's own models and data.");
        line($"- All digits: `{experiment.Name}.json`, `{experiment.Name}.csv`; machine and options: `{experiment.Name}.provenance.json`.");
        line($"- Regenerate: `{ReportText.Command(report)}`");
    }
}
