using System.Text;

namespace Harness.Reports;

/// <summary>
/// The report as a LaTeX table for booktabs and graphicx: editors as rows, models and metrics as columns, a block for each data set.
/// </summary>
internal static class TexTable
{
    public static string ToText(Report report)
    {
        var experiment = report.Experiment;
        var metrics = experiment.Metrics.Count;
        var heads = ReportText.RowHeads(experiment);
        var columns = experiment.Models.Count * metrics;
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');

        Line($"% {Comment(experiment.Title)}: {Comment(ReportText.Command(report))}");
        Line("% needs \\usepackage{booktabs,graphicx}");
        Line("\\begin{table*}");
        Line("  \\centering");
        Line($"  \\caption{{{Escape(Caption(report))}}}");
        Line($"  \\label{{tab:{experiment.Paper}-{experiment.Name}-{experiment.Scale}}}");
        Line("  \\resizebox{\\textwidth}{!}{%");
        var numbers = string.Concat(Enumerable.Repeat($" {new string('r', metrics)}", experiment.Models.Count));
        Line($"  \\begin{{tabular}}{{{new string('l', heads.Count)}{numbers}}}");
        Line("    \\toprule");
        var blanks = string.Concat(Enumerable.Repeat(" &", heads.Count - 1));
        var models = experiment.Models.Select(model => $" & \\multicolumn{{{metrics}}}{{c}}{{{Escape(model.Shown.Text)}}}");
        Line($"   {blanks} {string.Concat(models)} \\\\");
        string[] rules = [.. experiment.Models.Select((_, i) =>
            $"\\cmidrule(lr){{{(i * metrics) + heads.Count + 1}-{((i + 1) * metrics) + heads.Count}}}")];
        Line($"    {string.Join(" ", rules)}");
        var titles = experiment.Models.SelectMany(_ => experiment.Metrics).Select(metric => Metric.Find(metric).Title);
        Line($"    {string.Join(" & ", [.. heads.Select(Escape), .. titles.Select(Escape)])} \\\\");
        foreach (var dataset in experiment.Datasets)
        {
            Line("    \\midrule");
            Line($"    \\multicolumn{{{columns + heads.Count}}}{{l}}{{\\emph{{{Escape(dataset.Shown.Text)}}}}} \\\\");
            foreach (var editor in experiment.Editors)
            {
                var cells = experiment.Models.Select(model => Cells(report, report.Find(dataset.Name, model.Name, editor.Name)));
                Line($"    {string.Join(" & ", ReportText.RowNames(report, editor).Select(Escape))}{string.Concat(cells)} \\\\");
            }
        }

        Line("    \\bottomrule");
        Line("  \\end{tabular}}");
        Line("\\end{table*}");
        return text.ToString();
    }

    /// <summary>Plain text for LaTeX; straight double quotes open and close in turn.</summary>
    internal static string Escape(string text)
    {
        var escaped = new StringBuilder();
        var quoted = false;
        foreach (var character in text)
        {
            if (character == '"') quoted = !quoted;
            escaped.Append(character switch
            {
                '"' => quoted ? "``" : "''",
                '&' or '%' or '$' or '#' or '_' or '{' or '}' => $"\\{character}",
                '~' => "\\textasciitilde{}",
                '^' => "\\textasciicircum{}",
                '\\' => "\\textbackslash{}",
                '<' => "\\textless{}",
                '>' => "\\textgreater{}",
                '–' => "--",
                '×' => "$\\times$",
                '\n' or '\r' => " ",
                _ => character.ToString(),
            });
        }

        return escaped.ToString();
    }

    private static string Comment(string text) => text.ReplaceLineEndings(" ");

    private static string Caption(Report report) =>
        $"{report.Experiment.Title} ({report.Experiment.Source}) at the {report.Experiment.Scale} scale. "
        + $"{(ReportText.IsAllPercent(report) ? "Percent" : ReportText.Units(report))}: "
        + $"measured mean ({ReportText.Confidence(report)} bootstrap interval)"
        + (report.HasPublished ? " / published" : "")
        + $". Protocol {Digits.Id(report.Experiment.Protocol)}, locality {Digits.Id(report.Experiment.Locality)}, "
        + $"{ReportText.Seeds(report.Experiment.Seeds).ToLowerInvariant()}; cases: {ReportText.Cases(report)}. "
        + $"Measured on {ReportText.MeasuredOn(report)}."
        + (ReportText.HasStandIns(report) && report.HasPublished ? " Published numbers are of the paper's own models and data." : "");

    private static string Cells(Report report, ReportRow? row) => string.Concat(report.Experiment.Metrics.Select(metric =>
        " & " + ReportText.Cell(report, row, metric, (interval, unit) => $" {{\\scriptsize ({Escape(Digits.Range(interval, unit))})}}",
            best => $"\\textbf{{{best}}}", Escape)));
}
