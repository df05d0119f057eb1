using Harness.Editing;
using Harness.Experiments.Declarations;
using Harness.Studies.Cells;
using Harness.Studies.Data.Hub;

namespace Harness.Experiments.Planning;

/// <summary>
/// The cells of an experiment: each row is a Score ← data set, model, edit; Edit ← data set, model and, where the editor reads them,
/// statistics; Statistics ← data set, model; Model ← data set and, where it is trained here, tokenizer; Tokenizer ← data set; Dataset ←
/// world, or nothing for a real file. Rows that need the same thing share its cell.
/// </summary>
public sealed class Plan
{
    private Plan(Experiment experiment, IReadOnlyList<PlannedRow> rows, IReadOnlyList<PlannedCell> cells) =>
        (Experiment, Rows, Cells) = (experiment, rows, cells);

    /// <summary>What is planned; of its imported models it is known here which bytes they are.</summary>
    public Experiment Experiment { get; }

    /// <summary>The table's rows: data sets, then models, then editors, each in declared order.</summary>
    public IReadOnlyList<PlannedRow> Rows { get; }

    /// <summary>Every cell once, inputs before what needs them.</summary>
    public IReadOnlyList<PlannedCell> Cells { get; }

    /// <summary>The Score cells, in row order.</summary>
    public IReadOnlyList<PlannedCell> Scores => [.. Rows.Select(row => row.Score)];

    /// <summary>Plans an experiment with the code, libraries and arithmetic of this process, and with the models that this machine has.</summary>
    /// <param name="experiment">What to plan.</param>
    /// <param name="log">Told when a large local model has to be read through.</param>
    /// <exception cref="InputException">The device, the folder of models or a model in it is not what it should be.</exception>
    public static Plan Build(Experiment experiment, Action<string> log) => Build(
        experiment, KeyContext.For(experiment.Overrides.Device), EditorRegistry.All, model => HubModel.ContentOf(model, log));

    /// <summary>Plans an experiment.</summary>
    /// <param name="experiment">What to plan.</param>
    /// <param name="context">Code, libraries and arithmetic.</param>
    /// <param name="registry">Says which statistics an editor reads.</param>
    /// <param name="contentOf">Says what a local model is; null: there are none.</param>
    internal static Plan Build(
        Experiment experiment, KeyContext context, IReadOnlyList<EditorDescriptor> registry, Func<HubModelOptions, string?>? contentOf = null)
    {
        experiment = experiment with
        {
            Models = [.. experiment.Models.Select(model => model.Source is ImportedModel { Options: var import }
                ? model with { Source = new ImportedModel(import with { Content = contentOf?.Invoke(import.Import) }) }
                : model)],
        };
        var cells = new CellGraph(context, experiment.Seed);
        var rows = new List<PlannedRow>();
        foreach (var dataset in experiment.Datasets)
        {
            var data = Dataset(cells, dataset);
            foreach (var model in experiment.Models)
            {
                var at = $"{dataset.Name}/{model.Name}";
                var original = Model(cells, at, dataset, model, data);
                foreach (var editor in experiment.Editors)
                {
                    var inputs = new OrderedDictionary<string, PlannedCell> { ["dataset"] = data, ["model"] = original };
                    if (editor.Options is not null)
                        inputs["edit"] = Edit(cells, experiment, registry, dataset, model, editor.Name, inputs);
                    var options = new ScoreOptions { Protocol = experiment.Protocol, Locality = experiment.Locality };
                    var score = cells.Add(CellKind.Score, $"{at}/{editor.Name}", options, inputs, dataset.Name, model.Name, editor.Name);
                    rows.Add(new PlannedRow(dataset.Name, model.Name, editor.Name, score));
                }
            }
        }

        return new Plan(experiment, rows, cells.InOrder);
    }

    private static PlannedCell Dataset(CellGraph cells, DatasetEntry dataset)
    {
        var inputs = new OrderedDictionary<string, PlannedCell>();
        if (dataset.World is { } world)
            inputs["world"] = cells.Add(CellKind.World, dataset.WorldName ?? dataset.StandIn, world, []);
        return cells.Add(CellKind.Dataset, dataset.Name, dataset.Options, inputs, dataset.Name);
    }

    private static PlannedCell Model(CellGraph cells, string at, DatasetEntry dataset, ModelEntry model, PlannedCell data)
    {
        var inputs = new OrderedDictionary<string, PlannedCell> { ["dataset"] = data };
        if (model.Source is TrainedModel { Tokenizer: var options })
            inputs["tokenizer"] = cells.Add(CellKind.Tokenizer, at, options, new(inputs), dataset.Name, model.Name);
        return cells.Add(CellKind.Model, at, OptionsOf(model.Source), inputs, dataset.Name, model.Name);
    }

    private static object OptionsOf(ModelSource source) => source switch
    {
        TrainedModel trained => trained.Options,
        ImportedModel imported => imported.Options,
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "unknown source of a model"),
    };

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
