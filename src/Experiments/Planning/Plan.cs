using Harness.Editing;
using Harness.Experiments.Declarations;
using Harness.Studies.Cells;

namespace Harness.Experiments.Planning;

/// <summary>
/// The cells of an experiment: each row is a Score ← data set, model, edit; Edit ← data set, model and, where the editor reads them,
/// statistics; Statistics ← data set, model; Model ← data set, tokenizer; Tokenizer ← data set; Dataset ← world, or nothing for a real
/// file. Rows that need the same thing share its cell.
/// </summary>
public sealed class Plan
{
    private Plan(IReadOnlyList<PlannedRow> rows, IReadOnlyList<PlannedCell> cells) => (Rows, Cells) = (rows, cells);

    /// <summary>The table's rows: data sets, then models, then editors, each in declared order.</summary>
    public IReadOnlyList<PlannedRow> Rows { get; }

    /// <summary>Every cell once, inputs before what needs them.</summary>
    public IReadOnlyList<PlannedCell> Cells { get; }

    /// <summary>The Score cells, in row order.</summary>
    public IReadOnlyList<PlannedCell> Scores => [.. Rows.Select(row => row.Score)];

    /// <summary>Plans an experiment with the code, libraries and arithmetic of this process.</summary>
    public static Plan Build(Experiment experiment) => Build(experiment, KeyContext.Current, EditorRegistry.All);

    /// <summary>Plans an experiment; the registry says which statistics an editor reads.</summary>
    internal static Plan Build(Experiment experiment, KeyContext context, IReadOnlyList<EditorDescriptor> registry)
    {
        var cells = new CellGraph(context, experiment.Seed);
        var rows = new List<PlannedRow>();
        foreach (var dataset in experiment.Datasets)
        {
            var data = Dataset(cells, dataset);
            foreach (var model in experiment.Models)
            {
                var at = $"{dataset.Name}/{model.Name}";
                var tokenizer = cells.Add(CellKind.Tokenizer, at, model.Tokenizer, new() { ["dataset"] = data }, dataset.Name, model.Name);
                var trained = cells.Add(
                    CellKind.Model, at, model.Options, new() { ["dataset"] = data, ["tokenizer"] = tokenizer }, dataset.Name, model.Name);
                foreach (var editor in experiment.Editors)
                {
                    var inputs = new OrderedDictionary<string, PlannedCell> { ["dataset"] = data, ["model"] = trained };
                    if (editor.Options is not null)
                        inputs["edit"] = Edit(cells, experiment, registry, dataset, model, editor.Name, inputs);
                    var options = new ScoreOptions { Protocol = experiment.Protocol, Locality = experiment.Locality };
                    var score = cells.Add(CellKind.Score, $"{at}/{editor.Name}", options, inputs, dataset.Name, model.Name, editor.Name);
                    rows.Add(new PlannedRow(dataset.Name, model.Name, editor.Name, score));
                }
            }
        }

        return new Plan(rows, cells.InOrder);
    }

    private static PlannedCell Dataset(CellGraph cells, DatasetEntry dataset)
    {
        var inputs = new OrderedDictionary<string, PlannedCell>();
        if (dataset.World is { } world)
            inputs["world"] = cells.Add(CellKind.World, dataset.WorldName ?? dataset.StandIn, world, []);
        return cells.Add(CellKind.Dataset, dataset.Name, dataset.Options, inputs, dataset.Name);
    }

    private static PlannedCell Edit(
        CellGraph cells, Experiment experiment, IReadOnlyList<EditorDescriptor> registry,
        DatasetEntry dataset, ModelEntry model, string editor, OrderedDictionary<string, PlannedCell> source)
    {
        var options = experiment.OptionsFor(dataset.Name, model.Name, editor)!;
        var inputs = new OrderedDictionary<string, PlannedCell>(source);
        int[] layers = [.. registry.First(known => known.Name == editor).StatisticsLayers(options).Distinct().Order()];
        if (layers.Length > 0)
        {
            var statistics = new StatisticsOptions { Layers = layers, Tokens = model.StatisticsTokens };
            inputs["statistics"] = cells.Add(
                CellKind.Statistics, $"{dataset.Name}/{model.Name}/layers-{string.Join('-', layers)}", statistics, new(source),
                dataset.Name, model.Name);
        }

        var edit = new EditOptions { Editor = editor, Options = CanonicalJson.ToNode(options)!.AsObject() };
        return cells.Add(CellKind.Edit, $"{dataset.Name}/{model.Name}/{editor}", edit, inputs, dataset.Name, model.Name, editor);
    }
}
