using Harness.Experiments.Declarations;

namespace Harness.Experiments.Reports;

/// <summary>One number of the table.</summary>
/// <param name="Metric">Metric.</param>
/// <param name="Mean">Mean over the cases, a fraction in [0, 1]; null where the metric is not defined.</param>
/// <param name="Interval">Bootstrap interval of the mean, fractions; null with <paramref name="Mean"/>.</param>
/// <param name="N">Number of cases with a score.</param>
/// <param name="Published">The paper's number in percent, or null where it gives none.</param>
public sealed record ReportCell(string Metric, double? Mean, Interval? Interval, int N, double? Published)
{
    /// <summary>The mean in percent.</summary>
    public double? Percent => Mean is { } mean ? Digits.Percent(mean) : null;

    /// <summary>The interval in percent.</summary>
    public Interval? PercentInterval => Interval is { } interval ? new(Digits.Percent(interval.Low), Digits.Percent(interval.High)) : null;
}

/// <summary>One editor on one data set and model.</summary>
/// <param name="Dataset">Data set.</param>
/// <param name="Model">Model.</param>
/// <param name="Editor">Editor, or <c>original</c>.</param>
/// <param name="Cases">Number of cases scored.</param>
/// <param name="Cells">One for each metric of the experiment, in its order.</param>
public sealed record ReportRow(string Dataset, string Model, string Editor, int Cases, IReadOnlyList<ReportCell> Cells);

/// <summary>Everything that is shown of one experiment: a function of the experiment and its scores alone.</summary>
/// <param name="Experiment">What was run.</param>
/// <param name="Bootstrap">How the intervals were taken.</param>
/// <param name="Rows">In table order: data sets, models, editors. Rows without scores are left out.</param>
/// <param name="Verdicts">One for each claim.</param>
public sealed record Report(
    Experiment Experiment, BootstrapOptions Bootstrap, IReadOnlyList<ReportRow> Rows, IReadOnlyList<Verdict> Verdicts)
{
    /// <summary>Whether the paper gives any number.</summary>
    public bool HasPublished => Rows.Any(row => row.Cells.Any(cell => cell.Published is not null));

    /// <summary>Builds the table and judges the claims.</summary>
    /// <param name="experiment">What was run.</param>
    /// <param name="measured">Scores in any order.</param>
    /// <param name="bootstrap">Resamples and confidence; the defaults where null.</param>
    /// <exception cref="InputException">A claim or a metric names something that the experiment lacks.</exception>
    /// <exception cref="ArgumentException">A row occurs twice, is none of the experiment's, has no cases, or differs in its cases from
    /// others of its data set.</exception>
    public static Report Build(Experiment experiment, IReadOnlyList<MeasuredRow> measured, BootstrapOptions? bootstrap = null)
    {
        Claim[] claims = [.. experiment.Claims.Select(claim => Claim.Parse(claim, experiment))];
        var options = bootstrap ?? new();
        var intervals = new Bootstrap(experiment.Seed, options);
        var ordered = InTableOrder(experiment, measured);
        double? Published(string dataset, string model, Quantity quantity) => PublishedOf(experiment, dataset, model, quantity);
        var judge = new ClaimJudge(intervals, ordered, Published);
        ReportCell CellOf(MeasuredRow row, string metric) =>
            Cell(row, metric, intervals, Published(row.Dataset, row.Model, new(row.Editor, metric)));
        ReportRow[] rows = [.. from row in ordered
                               let cells = experiment.Metrics.Select(metric => CellOf(row, metric)).ToArray()
                               select new ReportRow(row.Dataset, row.Model, row.Editor, row.Cases.Count, cells)];
        return new(experiment, options, rows, [.. claims.Select(judge.Judge)]);
    }

    /// <summary>A row, or null where it was not measured.</summary>
    public ReportRow? Find(string dataset, string model, string editor) =>
        Rows.FirstOrDefault(row => row.Dataset == dataset && row.Model == model && row.Editor == editor);

    /// <summary>Number of cases of a data set, 0 where none of its rows was measured.</summary>
    public int CasesOf(string dataset) => Rows.FirstOrDefault(row => row.Dataset == dataset)?.Cases ?? 0;

    private static ReportCell Cell(MeasuredRow row, string metric, Bootstrap bootstrap, double? published)
    {
        double[] scores = [.. row.Cases.Select(score => Metric.Of(score, metric)).OfType<double>()];
        return scores is [] || !Metric.IsDefined(row.Editor, metric)
            ? new(metric, null, null, 0, published)
            : new(metric, scores.Average(), bootstrap.Mean(scores), scores.Length, published);
    }

    private static List<MeasuredRow> InTableOrder(Experiment experiment, IReadOnlyList<MeasuredRow> measured)
    {
        var left = measured.ToList();
        var ordered = new List<MeasuredRow>();
        foreach (var dataset in experiment.Datasets)
        {
            var ofDataset = left.Where(row => row.Dataset == dataset.Name).ToList();
            int[] ids = ofDataset is [var first, ..] ? [.. first.Cases.Select(score => score.Id)] : [];
            if (ofDataset.Any(row => row.Cases.Count == 0 || !row.Cases.Select(score => score.Id).SequenceEqual(ids)))
                throw new ArgumentException($"the rows of data set '{dataset.Name}' have no cases or not the same ones", nameof(measured));
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

    private static double? PublishedOf(Experiment experiment, string dataset, string model, Quantity quantity) =>
        experiment.Published.TryGetValue(dataset, out var models) && models.TryGetValue(model, out var editors)
        && editors.TryGetValue(quantity.Editor, out var metrics) && metrics.TryGetValue(quantity.Metric, out var percent) ? percent : null;
}
