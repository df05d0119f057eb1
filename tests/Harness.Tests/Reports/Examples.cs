using Harness.Declarations;
using Harness.Measuring.Capability;
using Harness.Measuring.Metrics;
using Harness.Reports;
using Editors = System.Collections.Generic.IReadOnlyDictionary<
    string, System.Collections.Generic.IReadOnlyDictionary<string, double>>;

namespace Harness.Tests.Reports;

/// <summary>A table of two data sets, two models and two editors, small enough to check by hand.</summary>
internal static class Examples
{
    private static readonly TrainedModel Trained = new(null!, null!);

    public static Experiment Experiment(params (string That, string On)[] claims) => new()
    {
        Target = "Table1",
        Paper = "dft",
        Name = "table1",
        Title = "Two editors on two models",
        Source = "A Paper, Table 1",
        Scale = "embedded",
        Seeds = [1],
        Protocol = Protocol.TfToken,
        Locality = LocalityDefinition.SameArgmax,
        Metrics = ["reliability", "locality"],
        Datasets = [new("zsre", "world-zsre", new(), null!) { Title = "zsRE" },
            new("counterfact", "counterfact-3k", null, null!) { Title = "CounterFact" }],
        Models =
        [
            new("llama2-7b", "tiny-llama2", Trained, 0) { Title = "LLaMA-2-7B", Parameters = 812_345 },
            new("llama-7b", "tiny-llama", Trained, 0) { Title = "LLaMA-7B", Parameters = 1_260_000 },
        ],
        Editors = [new("original", null), new("rome", new object()), new("dft-ft", new object())],
        Claims = [.. claims.Select(claim => new ClaimEntry(claim.That, claim.On, "section 4"))],
        Published = Numbers(("zsre", "llama2-7b", "rome", "reliability", 43.67), ("zsre", "llama2-7b", "dft-ft", "reliability", 88.32),
            ("zsre", "llama-7b", "rome", "reliability", 90.5), ("zsre", "llama-7b", "dft-ft", "reliability", 85.55),
            ("zsre", "llama2-7b", "original", "reliability", 43.81), ("zsre", "llama2-7b", "memit", "reliability", 83.78)),
    };

    /// <summary>Ten cases a row, of which the first <c>reliable</c> succeed wholly; half of the locality questions are kept.</summary>
    public static MeasuredRow Row(string dataset, string model, string editor, int reliable, long seed = 1)
    {
        var scores = new Dictionary<string, IReadOnlyList<SeriesItem>> { ["reliability"] = Items(10, i => i < reliable ? 1 : 0) };
        if (editor != "original") scores["locality"] = Items(10, _ => 0.5);
        return new(dataset, model, editor, scores, seed);
    }

    /// <summary>A series over items 0, 1, 2 …</summary>
    public static IReadOnlyList<SeriesItem> Items(int count, Func<int, double> value) =>
        [.. Enumerable.Range(0, count).Select(i => new SeriesItem(i, value(i)))];

    /// <summary>A series of these values over items 0, 1, 2 …</summary>
    public static IReadOnlyList<SeriesItem> Items(params double[] values) => Items(values.Length, i => values[i]);

    /// <summary>A row of zsre and llama2-7b with these series.</summary>
    public static MeasuredRow Row(string editor, params (string Name, IReadOnlyList<SeriesItem> Items)[] series) =>
        new("zsre", "llama2-7b", editor, series.ToDictionary(one => one.Name, one => one.Items), 1);

    /// <summary>
    /// The first data set and model of <see cref="Experiment"/> with other metrics and rows, and without published numbers.
    /// </summary>
    public static Experiment Small(string[] metrics, EditorEntry[] editors, params string[] claims)
    {
        var whole = Experiment([.. claims.Select(that => (that, "every dataset and model"))]);
        return whole with
        {
            Metrics = metrics,
            Editors = editors,
            Datasets = [whole.Datasets[0]],
            Models = [whole.Models[0]],
            Published = Numbers(),
        };
    }

    /// <summary>
    /// The original answers nothing, rome what <paramref name="rome"/> says (one number for each place), dft-ft everything.
    /// </summary>
    public static MeasuredRow[] Rows(params int[] rome) =>
    [
        .. from dataset in new[] { "zsre", "counterfact" }.Index()
           from model in new[] { "llama2-7b", "llama-7b" }.Index()
           from row in new[] { ("original", 0), ("rome", rome[(2 * dataset.Index) + model.Index]), ("dft-ft", 10) }
           select Row(dataset.Item, model.Item, row.Item1, row.Item2),
    ];

    public static Report Report(params (string That, string On)[] claims) =>
        Harness.Reports.Report.Build(Experiment(claims), Rows(0, 5, 5, 10));

    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, Editors>> Numbers(
        params (string Dataset, string Model, string Editor, string Metric, double Percent)[] numbers)
    {
        var published = new Dictionary<string, IReadOnlyDictionary<string, Editors>>();
        foreach (var dataset in numbers.GroupBy(n => n.Dataset))
        {
            var models = new Dictionary<string, Editors>();
            foreach (var model in dataset.GroupBy(n => n.Model))
            {
                models[model.Key] = model.GroupBy(n => n.Editor).ToDictionary(
                    editor => editor.Key,
                    editor => (IReadOnlyDictionary<string, double>)editor.ToDictionary(n => n.Metric, n => n.Percent));
            }

            published[dataset.Key] = models;
        }

        return published;
    }
}
