using Harness.Claims;
using Harness.Declarations;
using Spectre.Console;

namespace Harness.Reports;

/// <summary>
/// Shows a report in the terminal: a table for each data set, or, where the terminal is narrow, for each model and as many metrics as fit;
/// then the claims.
/// </summary>
public static class ReportConsole
{
    // Columns that tables may take where the output is a file or a pipe, which have no width of their own.
    private const int PlainWidth = 120;

    // Where the text of a claim starts, behind its verdict.
    private const int Indent = 15;

    /// <summary>Writes tables and claims; plain text without borders or colours where the output is no terminal.</summary>
    public static void Write(Report report, IAnsiConsole console)
    {
        var plain = !console.Profile.Out.IsTerminal;
        if (plain) console.Profile.Width = Math.Max(console.Profile.Width, PlainWidth);
        var experiment = report.Experiment;
        var units = ReportText.IsAllPercent(report) ? "percent" : ReportText.Units(report).ToLowerInvariant();
        console.MarkupLineInterpolated($"[bold]{experiment.Title}[/]");
        console.WriteLine($"{experiment.Scale} scale, {ReportText.Seeds(experiment.Seeds).ToLowerInvariant()}, "
            + $"protocol {Digits.Id(experiment.Protocol)}; "
            + $"{units}: measured ± half the {ReportText.Confidence(report)} interval{(report.HasPublished ? " / published" : "")}");
        foreach (var dataset in experiment.Datasets)
        {
            console.WriteLine();
            var title = $"{dataset.Shown} ({ReportText.CasesOf(report, dataset.Name)} cases)";
            if (experiment.Models.Count > 1 && Width(report, experiment.Models, experiment.Metrics) <= console.Profile.Width)
            {
                console.MarkupLineInterpolated($"[bold]{title}[/]");
                console.Write(Tabulate(report, dataset.Name, experiment.Models, experiment.Metrics, plain));
                continue;
            }

            foreach (var model in experiment.Models)
            {
                console.MarkupLineInterpolated($"[bold]{title}; {model.Shown}[/]");
                foreach (var metrics in Fitting(report, model, console.Profile.Width))
                    console.Write(Tabulate(report, dataset.Name, [model], metrics, plain));
            }
        }

        if (report.Verdicts.Count > 0) console.WriteLine();
        foreach (var verdict in report.Verdicts) Write(verdict, console);
    }

    private static void Write(Verdict verdict, IAnsiConsole console)
    {
        console.Write(new Paragraph()
            .Append(Verdict.Words(verdict.Measured.Outcome).PadRight(Indent - 1), Colour(verdict.Measured.Outcome))
            .Append($" {verdict.Claim.Entry.That}", new Style(decoration: Decoration.Bold))
            .Append($" on {verdict.Claim.Entry.On}"));
        console.WriteLine();
        foreach (var line in Wrap($"measured:  {verdict.Measured.Summary}", console.Profile.Width - Indent - 1)
            .Concat(Wrap($"published: {verdict.Published.Summary}", console.Profile.Width - Indent - 1)))
        {
            console.WriteLine(new string(' ', Indent) + line);
        }
    }

    /// <summary>Lines broken at spaces.</summary>
    private static IEnumerable<string> Wrap(string text, int width)
    {
        while (text.Length > width && text.LastIndexOf(' ', width) is > 0 and var space)
        {
            yield return text[..space];
            text = text[(space + 1)..];
        }

        yield return text;
    }

    private static Table Tabulate(
        Report report, string dataset, IReadOnlyList<ModelEntry> models, IReadOnlyList<string> metrics, bool plain)
    {
        var experiment = report.Experiment;
        var table = new Table();
        foreach (var head in ReportText.RowHeads(experiment)) table.AddColumn(new TableColumn(Markup.Escape(head)).NoWrap());
        if (plain) table.Border(TableBorder.None);
        else table.RoundedBorder();
        foreach (var model in models)
        {
            foreach (var title in metrics.Select(metric => Metric.Find(metric).Title))
                table.AddColumn(new TableColumn(
                    Markup.Escape(models.Count > 1 ? string.Join('\n', model.Shown.Lines.Append(title)) : title)).RightAligned().NoWrap());
        }

        foreach (var editor in experiment.Editors)
        {
            table.AddRow([.. ReportText.RowNames(report, editor).Select(Markup.Escape),
                .. models.SelectMany(model => metrics.Select(metric =>
                Markup.Escape(Cell(report, report.Find(dataset, model.Name, editor.Name), metric))))]);
        }

        return table;
    }

    private static string Cell(Report report, ReportRow? row, string metric) =>
        ReportText.Cell(report, row, metric, (interval, unit) => $" ±{Digits.HalfWidth(interval, unit)}");

    /// <summary>The metrics in groups, each as many as fit beside the rows' names, at least one.</summary>
    private static List<List<string>> Fitting(Report report, ModelEntry model, int width)
    {
        var groups = new List<List<string>> { new() };
        foreach (var metric in report.Experiment.Metrics)
        {
            if (groups[^1].Count > 0 && Width(report, [model], [.. groups[^1], metric]) > width) groups.Add([]);
            groups[^1].Add(metric);
        }

        return groups;
    }

    /// <summary>Characters that a bordered table over these models and metrics takes.</summary>
    private static int Width(Report report, IReadOnlyList<ModelEntry> models, IReadOnlyList<string> metrics)
    {
        var experiment = report.Experiment;
        int Cells(ModelEntry model, string metric) => report.Rows.Where(row => row.Model == model.Name)
            .Select(row => Cell(report, row, metric).Length).Append(Metric.Find(metric).Title.Length)
                .Append(models.Count > 1 ? model.Shown.Lines.Max(line => line.Length) : 0).Max();
        var names = ReportText.RowHeads(experiment).Select((head, i) =>
            experiment.Editors.Select(editor => ReportText.RowNames(report, editor)[i].Length).Append(head.Length).Max() + 3);
        return 1 + names.Sum() + models.Sum(model => metrics.Sum(metric => Cells(model, metric) + 3));
    }

    private static Style Colour(Outcome outcome) => new(outcome switch
    {
        Outcome.Holds => Color.Green,
        Outcome.DoesNotHold => Color.Red,
        _ => Color.Yellow,
    });
}
