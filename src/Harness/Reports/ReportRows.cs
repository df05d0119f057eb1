using Harness.Declarations;

namespace Harness.Reports;

/// <summary>Which measured rows belong to a table, and together.</summary>
internal static class ReportRows
{
    private static readonly string[] OnEditPrompt = ["reliability", "es"];

    /// <summary>The rows in the order of data sets, models and editors.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Report.Build"/>.</exception>
    public static List<MeasuredRow> InTableOrder(Experiment experiment, IReadOnlyList<MeasuredRow> measured)
    {
        var left = measured.ToList();
        var ordered = new List<MeasuredRow>();
        foreach (var dataset in experiment.Datasets)
        {
            var ofDataset = left.Where(row => row.Dataset == dataset.Name).ToList();
            CheckItems(experiment, dataset.Name, ofDataset);
            ordered.AddRange(from model in experiment.Models
                             from editor in experiment.Editors
                             from row in ofDataset
                             where row.Model == model.Name && row.Editor == editor.Name
                             select row);
        }

        if (left.Except(ordered, ReferenceEqualityComparer.Instance).Cast<MeasuredRow>().FirstOrDefault() is { } stray)
        {
            var row = $"{stray.Dataset}/{stray.Model}/{stray.Editor}";
            throw new ArgumentException($"'{row}' is no row of {experiment.Paper}/{experiment.Name}", nameof(measured));
        }

        if (ordered.GroupBy(row => (row.Dataset, row.Model, row.Editor)).FirstOrDefault(rows => rows.Count() > 1) is { } twice)
            throw new ArgumentException($"'{twice.Key.Dataset}/{twice.Key.Model}/{twice.Key.Editor}' is measured twice", nameof(measured));
        return ordered;
    }

    /// <summary>
    /// Number of cases of a row, which every protocol scores on the edit prompt; where none was scored, the most items of a shown metric.
    /// </summary>
    public static int Cases(Experiment experiment, MeasuredRow row) =>
        OnEditPrompt.Select(name => row.Scores.GetValueOrDefault(name)?.Count).OfType<int>().Append(0).First() is > 0 and var cases ? cases
        : experiment.Metrics.SelectMany(metric => Metric.Find(metric).Components)
            .Select(component => row.Scores.GetValueOrDefault(component)?.Count ?? 0).Append(0).Max();

    // Rows that were given as many edits answer the same questions; another number of edits is another set of them.
    private static void CheckItems(Experiment experiment, string dataset, List<MeasuredRow> rows)
    {
        string[] series = [.. experiment.Metrics.SelectMany(metric => Metric.Find(metric).Components).Distinct()];
        foreach (var alike in rows.GroupBy(row => experiment.Editors.FirstOrDefault(editor => editor.Name == row.Editor)?.Edits))
        {
            var fits = alike.All(row => row.Scores.Values.Any(items => items.Count > 0)) && series.All(name =>
            {
                int[][] items = [.. from row in alike
                                    where row.Scores.ContainsKey(name)
                                    select row.Scores[name].Select(item => item.Id).ToArray()];
                return items.All(ids => ids.SequenceEqual(items[0]) && ids.Distinct().Count() == ids.Length);
            });
            if (!fits) throw new ArgumentException($"the rows of data set '{dataset}' have no cases or not the same ones", nameof(rows));
        }
    }
}
