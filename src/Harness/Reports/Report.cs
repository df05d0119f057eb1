using Harness.Claims;
using Harness.Declarations;
using Harness.Inference;
using Harness.Measuring.Capability;
using Harness.Measuring.Data;

namespace Harness.Reports;

/// <summary>One number of the table.</summary>
/// <param name="Metric">Metric.</param>
/// <param name="Mean">Over all items, as it is stored (<see cref="Metric.Scale"/>); null where the metric is not defined.</param>
/// <param name="Interval">Its bootstrap interval, as it is stored; null with <paramref name="Mean"/>.</param>
/// <param name="N">Number of items with a score, of all seeds.</param>
/// <param name="Published">The paper's number as it is shown, or null where it gives none.</param>
public sealed record ReportCell(string Metric, double? Mean, Interval? Interval, int N, double? Published)
{
    /// <summary>Standard deviation between seeds, as it is stored; null where there is one seed.</summary>
    public double? SeedSd { get; init; }

    /// <summary>Its rank among the rows of its data set and model but the unedited model's; null where the table has no ranks.</summary>
    public Rank? Rank { get; init; }

    /// <summary>How the metric is taken.</summary>
    public Metric Definition => Reports.Metric.Find(Metric);

    /// <summary>The mean as it is shown: in percent, or in the metric's own unit.</summary>
    public double? Shown => Mean is { } mean ? Definition.Shown(mean) : null;

    /// <summary>The interval as it is shown.</summary>
    public Interval? ShownInterval => Interval is { } interval ? Definition.Shown(interval) : null;

    /// <summary>The interval as tables show it: not that of a single item, which has no width.</summary>
    public Interval? Spread => N > 1 ? ShownInterval : null;
}

/// <summary>One editor on one data set and model.</summary>
/// <param name="Dataset">Data set.</param>
/// <param name="Model">Model.</param>
/// <param name="Editor">The row's name: the editor's, <c>original</c>, or one with places on axes.</param>
/// <param name="Cases">Number of cases scored with each seed.</param>
/// <param name="Cells">One for each metric of the experiment, in its order.</param>
public sealed record ReportRow(string Dataset, string Model, string Editor, int Cases, IReadOnlyList<ReportCell> Cells)
{
    /// <summary>What its edits took, one for each of the experiment's metrics of that; none of the unedited model.</summary>
    public IReadOnlyList<ReportCell> Budget { get; init; } = [];

    /// <summary>Its rank by a metric; null where it has none.</summary>
    public Rank? RankBy(string metric) => Cells.FirstOrDefault(cell => cell.Metric == metric)?.Rank;
}

/// <summary>Everything that is shown of one experiment: a function of the experiment and its scores alone.</summary>
/// <param name="Experiment">What was run.</param>
/// <param name="Bootstrap">How the intervals were taken.</param>
/// <param name="Rows">In table order: data sets, models, editors. Rows without scores are left out.</param>
/// <param name="Verdicts">One for each claim.</param>
public sealed record Report(
    Experiment Experiment, BootstrapOptions Bootstrap, IReadOnlyList<ReportRow> Rows, IReadOnlyList<Verdict> Verdicts)
{
    /// <summary>The raw series behind the rows, in their order.</summary>
    public IReadOnlyList<MeasuredRow> Measured { get; init; } = [];

    /// <summary>The cases of each seed and data set, where they are known.</summary>
    public IReadOnlyDictionary<(long Seed, string Dataset), IReadOnlyList<EditCase>> Cases { get; init; } =
        new Dictionary<(long Seed, string Dataset), IReadOnlyList<EditCase>>();

    /// <summary>What the unedited models answer of the questions that they were not taught.</summary>
    public IReadOnlyList<Ceiling> Ceilings { get; init; } = [];

    /// <summary>
    /// Whether a metric is a time or taken from times: such numbers are one machine's, and no snapshot can be compared with another run's.
    /// </summary>
    public bool IsTimed => Metric.AnyTimed(Experiment);

    /// <summary>Whether some items belong together.</summary>
    internal bool HasGroups => Measured.Any(row => row.Scores.Values.Any(items => items.Any(item => item.Group is not null)));

    /// <summary>Whether the paper gives any number.</summary>
    public bool HasPublished => Rows.Any(row => row.Cells.Any(cell => cell.Published is not null));

    /// <summary>Builds the table and judges the claims.</summary>
    /// <param name="experiment">What was run.</param>
    /// <param name="measured">Scores in any order.</param>
    /// <param name="bootstrap">Resamples and confidence; the defaults where null.</param>
    /// <exception cref="InputException">A claim or a metric names something that the experiment lacks.</exception>
    /// <exception cref="ArgumentException">A row occurs twice, is none of the experiment's, has no numbers, or differs in its items from
    /// others of its data set, model and number of edits.</exception>
    public static Report Build(Experiment experiment, IReadOnlyList<MeasuredRow> measured, BootstrapOptions? bootstrap = null)
    {
        Claim[] claims = [.. experiment.Claims.Select(claim => Claim.Parse(claim, experiment))];
        var options = bootstrap ?? new();
        var intervals = new Bootstrap(experiment.Seeds[0], options);
        var ordered = ReportRows.InTableOrder(experiment, measured);
        double? Published(string dataset, string model, Quantity quantity) => PublishedOf(experiment, dataset, model, quantity);
        var judge = new ClaimJudge(intervals, ordered, Published);
        ReportRow[] rows =
        [
            .. from row in ordered.GroupBy(row => (row.Dataset, row.Model, row.Editor))
               let cells =
                   from metric in experiment.Metrics
                   let published = Published(row.Key.Dataset, row.Key.Model, new(row.Key.Editor, metric))
                   select Cell(experiment, [.. row], metric, intervals, published)
               select new ReportRow(
                   row.Key.Dataset, row.Key.Model, row.Key.Editor, row.Max(seed => ReportRows.Cases(experiment, seed)), [.. cells])
               {
                   Budget = experiment.IsOriginal(row.Key.Editor) ? []
                       : [.. experiment.Budget.Select(metric => Cell(experiment, [.. row], metric, intervals, published: null))],
               },
        ];
        if (experiment.RankedBy is { } first)
        {
            rows = ReportRows.Ranked(experiment, ordered, rows, intervals);
            var places = rows.ToDictionary(row => row.Editor, row => row.RankBy(first)?.Place ?? 0);
            experiment = experiment with { Editors = [.. experiment.Editors.OrderBy(entry => places.GetValueOrDefault(entry.Name))] };
            rows = [.. rows.OrderBy(row => places[row.Editor])];
        }

        return new(experiment, options, rows, judge.Judge(claims)) { Measured = ordered };
    }

    /// <summary>A row, or null where it was not measured.</summary>
    public ReportRow? Find(string dataset, string model, string editor) =>
        Rows.FirstOrDefault(row => row.Dataset == dataset && row.Model == model && row.Editor == editor);

    /// <summary>Number of cases of a data set, the most that a row of it has; 0 where none of its rows was measured.</summary>
    public int CasesOf(string dataset) => Rows.Where(row => row.Dataset == dataset).Select(row => row.Cases).Append(0).Max();

    private static ReportCell Cell(
        Experiment experiment, IReadOnlyList<MeasuredRow> seeds, string metric, Bootstrap bootstrap, double? published)
    {
        var definition = Metric.Find(metric);
        var isDefined = definition.NotOfOriginal is null || !experiment.IsOriginal(seeds[0].Editor);
        if (!isDefined || MetricItems.Of(seeds, definition) is not { } items) return new(metric, null, null, 0, published);
        var mean = items.Mean(bootstrap);
        return new(metric, mean.Value, mean.Interval, items.Count, published) { SeedSd = mean.SeedSd };
    }

    private static double? PublishedOf(Experiment experiment, string dataset, string model, Quantity quantity) =>
        experiment.Published.TryGetValue(dataset, out var models) && models.TryGetValue(model, out var editors)
        && editors.TryGetValue(quantity.Editor, out var metrics) && metrics.TryGetValue(quantity.Metric, out var shown) ? shown : null;
}

/// <summary>What was measured of one row of a table, under the table's names.</summary>
/// <param name="Dataset">The paper's name of the data set.</param>
/// <param name="Model">The paper's name of the model.</param>
/// <param name="Editor">The row's name: the editor's, <c>original</c>, or one with places on axes (<c>emmet@256</c>).</param>
/// <param name="Scores">
/// Raw series by name, each with at most one value an item. Series of one row may be about different items; two rows' values of one series
/// are about the same ones where both rows are of one model and were given as many edits.
/// </param>
/// <param name="Seed">Its seed: a row is measured once with each of the experiment's.</param>
public sealed record MeasuredRow(
    string Dataset, string Model, string Editor, IReadOnlyDictionary<string, IReadOnlyList<SeriesItem>> Scores, long Seed);

/// <summary>Which measured rows belong to a table, and together.</summary>
internal static class ReportRows
{
    /// <summary>The rows in the order of data sets, models, editors and seeds.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Report.Build"/>.</exception>
    public static List<MeasuredRow> InTableOrder(Experiment experiment, IReadOnlyList<MeasuredRow> measured)
    {
        var left = measured.ToList();
        var ordered = new List<MeasuredRow>();
        foreach (var dataset in experiment.Datasets)
        {
            var ofDataset = left.Where(row => row.Dataset == dataset.Name).ToList();
            foreach (var ofSeed in ofDataset.GroupBy(row => row.Seed)) CheckItems(experiment, dataset.Name, [.. ofSeed]);
            ordered.AddRange(from model in experiment.Models
                             from editor in experiment.Editors
                             from seed in experiment.Seeds
                             from row in ofDataset
                             where row.Model == model.Name && row.Editor == editor.Name && row.Seed == seed
                             select row);
        }

        if (left.Except(ordered, ReferenceEqualityComparer.Instance).Cast<MeasuredRow>().FirstOrDefault() is { } stray)
        {
            var row = $"{stray.Dataset}/{stray.Model}/{stray.Editor}";
            throw new ArgumentException($"'{row}' is no row of {experiment.Paper}/{experiment.Name}", nameof(measured));
        }

        foreach (var row in ordered.GroupBy(row => (row.Dataset, row.Model, row.Editor)))
        {
            var name = $"{row.Key.Dataset}/{row.Key.Model}/{row.Key.Editor}";
            if (row.GroupBy(one => one.Seed).Any(same => same.Count() > 1))
                throw new ArgumentException($"'{name}' is measured twice", nameof(measured));
            if (row.Count() < experiment.Seeds.Count)
                throw new ArgumentException($"'{name}' is not measured with every seed", nameof(measured));
        }

        return ordered;
    }

    /// <summary>The rows with the rank of each of their numbers, among those that have one and are not of the unedited model.</summary>
    public static ReportRow[] Ranked(
        Experiment experiment, IReadOnlyList<MeasuredRow> measured, IReadOnlyList<ReportRow> rows, Bootstrap bootstrap)
    {
        var ranks = new Dictionary<(string Editor, string Metric), Rank>();
        foreach (var metric in experiment.Metrics.Select(Metric.Find))
        {
            var rivals = measured.Where(row => !experiment.IsOriginal(row.Editor)).GroupBy(row => row.Editor)
                .Select(row => (row.Key, Items: MetricItems.Of(row, metric))).Where(row => row.Items is not null).ToList();
            foreach (var (rival, rank) in rivals.Zip(Ranking.Of([.. rivals.Select(row => row.Items!)], metric.IsHigherBetter, bootstrap)))
                ranks[(rival.Key, metric.Name)] = rank;
        }

        return [.. rows.Select(row => row with
        {
            Cells = [.. row.Cells.Select(cell => cell with { Rank = ranks.GetValueOrDefault((row.Editor, cell.Metric)) })],
        })];
    }

    /// <summary>
    /// Number of cases of a row, which every protocol scores on the edit prompt; where none was scored, the most items of a shown metric.
    /// </summary>
    public static int Cases(Experiment experiment, MeasuredRow row) =>
        Metric.OfEditPrompt.Select(name => row.Scores.GetValueOrDefault(name)?.Count).OfType<int>().FirstOrDefault() is > 0 and var cases
        ? cases
        : experiment.Metrics.SelectMany(metric => Metric.Find(metric).Components)
            .Select(component => row.Scores.GetValueOrDefault(component)?.Count ?? 0).Append(0).Max();

    // Rows of a model that were given as many edits answer the same questions; another number of edits is another set of them, and which
    // conditions of a test are met is the model's.
    private static void CheckItems(Experiment experiment, string dataset, List<MeasuredRow> rows)
    {
        // Not every prompt has every position that is traced.
        string[] series = [.. experiment.Metrics.Select(Metric.Find).Where(metric => metric.Source != MetricSource.Traces)
            .SelectMany(metric => metric.Components).Distinct()];
        foreach (var alike in rows.GroupBy(row =>
            (row.Model, experiment.Editors.FirstOrDefault(editor => editor.Name == row.Editor)?.Edits)))
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
