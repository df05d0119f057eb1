using System.Globalization;
using Harness.Models.Text;
using Harness.Running;

namespace Harness.CheckpointEdits;

/// <summary>An edit of a user's checkpoint, as lines for people.</summary>
public static class FactEditText
{
    private const int MostFacts = 50, WidestPrompt = 56, WidestAnswer = 28;

    /// <summary>A table with each fact's answers, and the scores under it.</summary>
    public static IEnumerable<string> Lines(FactEditReport report)
    {
        var rows = report.Facts.Take(MostFacts).Select(fact => (string[])[
            Cell(fact.Question ?? fact.Prompt, WidestPrompt), Cell(fact.Before, WidestAnswer), Cell(fact.After, WidestAnswer),
                Cell(fact.Target, WidestAnswer),
            fact.Answered ? "yes" : "no"]);
        foreach (var line in Table([["prompt", "before", "after", "wanted", "ok"], .. rows])) yield return line;
        if (report.Facts.Count > MostFacts) yield return $"… and {report.Facts.Count - MostFacts} more, all in the report";
        yield return "";
        yield return Answers("reliability", report.Before.Reliability, report.After.Reliability, "fact");
        if (report.After.Generality is { } generality)
            yield return Answers("generality", report.Before.Generality!, generality, "rephrasing");
        if (report.After.Locality is { } locality)
        {
            yield return $"locality     {Percent(locality.SameArgmax)} of answer tokens as before (same-argmax), " +
                $"over {Counted.Of(locality.Prompts, "prompt")}; "
                + $"{locality.Unchanged} wholly unchanged";
        }
    }

    /// <summary>What of the model's folder was left out, and why, and what its own report is worth.</summary>
    public static IEnumerable<string> Remarks(FactEditResult result)
    {
        foreach (var group in result.LeftOut.GroupBy(one => one.Why, one => one.Name))
            yield return $"left out, because {group.Key}: {string.Join(", ", group)}";
        if (result.Report.History.Count == 0) yield break;
        yield return result.Report.Unbroken switch
        {
            true => $"history: edit {result.Report.History.Count + 1} of this model; the reports of those before are in the new one",
            false => $"history: the model's {FactOutput.ReportFile} is of other weights, which were changed after that edit; " +
                "it is kept, and \"unbroken\" is false",
            null => $"history: the model's {FactOutput.ReportFile} does not say which weights it is of; it is kept",
        };
    }

    private static string Answers(string name, AnswerScore before, AnswerScore after, string prompt) =>
        $"{name,-11}  {Percent(before.TfExact)} -> {Percent(after.TfExact)} answered (tf-exact), " +
            $"{Percent(before.TfAll)} -> {Percent(after.TfAll)} begun so (tf-all), "
        + $"{Percent(before.TfToken)} -> {Percent(after.TfToken)} of target tokens (tf-token), over {Counted.Of(after.Prompts, prompt)}";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

    private static IEnumerable<string> Table(IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        return rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    // One line, and no longer than it may be.
    private static string Cell(string text, int widest)
    {
        var line = SeenText.OneLine(text);
        return line.Length == 0 ? "(nothing)" : line.Length > widest ? SeenText.Start(line, widest - 1) + "…" : line;
    }
}
