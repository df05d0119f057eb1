using Harness.Declarations;
using Harness.Downloads;
using Harness.Editing;
using Harness.Measuring.Cells;

namespace Harness.Planning;

/// <summary>
/// The cells of an experiment: each row is a Score ← data set, model, edit, and where its metrics need it a Capability ← the same; Edit ←
/// data set, model and, where the editor reads them, statistics and a training; both ← data set, model; Model ← data set and, where it is
/// trained here, tokenizer; Tokenizer ← data set; Dataset ← world, or nothing for a real file. Edits one by one on the unedited model are
/// one SingleEdits cell instead of Edit and Score, and timed rows of a data set and model one Timing cell. Rows that need the same thing
/// share its cell. Seeds share nothing.
/// </summary>
public sealed class Plan
{
    private Plan(Experiment experiment, IReadOnlyList<PlannedRow> rows, IReadOnlyList<PlannedCell> cells) =>
        (Experiment, Rows, Cells) = (experiment, rows, cells);

    /// <summary>What is planned; of its imported models it is known here which bytes they are.</summary>
    public Experiment Experiment { get; }

    /// <summary>The table's rows of each seed: data sets, then models, then editors, each in declared order.</summary>
    public IReadOnlyList<PlannedRow> Rows { get; }

    /// <summary>Every cell once, inputs before what needs them.</summary>
    public IReadOnlyList<PlannedCell> Cells { get; }

    /// <summary>The cells that the rows are read from, in row order.</summary>
    public IReadOnlyList<PlannedCell> Results => [.. Rows.SelectMany(row => row.Results).DistinctBy(cell => cell.Key)];

    /// <summary>
    /// Plans an experiment with the code, libraries and arithmetic of this process, and with the models that this machine has.
    /// </summary>
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
        Experiment experiment, KeyContext context, IReadOnlyList<EditorDescriptor> registry, Func<HubModelOptions,
            string?>? contentOf = null)
    {
        experiment = experiment with
        {
            Models = [.. experiment.Models.Select(model => model.Source is ImportedModel { Options: var import }
                ? model with { Source = new ImportedModel(import with { Content = contentOf?.Invoke(import.Import) }) }
                : model)],
        };
        var (planned, made) = (new List<PlannedRow>(), new List<PlannedCell>());
        foreach (var seed in experiment.Seeds)
        {
            var cells = new CellGraph(context, seed);
            var rows = new RowCells(cells, experiment, registry);
            foreach (var dataset in experiment.Datasets)
            {
                var data = Dataset(cells, dataset);
                foreach (var model in experiment.Models)
                    planned.AddRange(rows.Of(dataset, model, data, Model(cells, $"{dataset.Name}/{model.Name}", dataset, model, data)));
            }

            made.AddRange(cells.InOrder);
        }

        return new Plan(experiment, planned, made);
    }

    private static PlannedCell Dataset(CellGraph cells, DatasetEntry dataset)
    {
        var world = dataset.World is { } options
            ? cells.Add(dataset.WorldName ?? dataset.StandIn, options, new WorldInputs<PlannedCell>())
            : null;
        return cells.Add(dataset.Name, dataset.Options, new DatasetInputs<PlannedCell>(world), dataset.Name);
    }

    private static PlannedCell Model(CellGraph cells, string at, DatasetEntry dataset, ModelEntry model, PlannedCell data)
    {
        var tokenizer = model.Source is TrainedModel { Tokenizer: var options }
            ? cells.Add(at, options, new TokenizerInputs<PlannedCell>(data), dataset.Name, model.Name)
            : null;
        return cells.Add(at, OptionsOf(model.Source), new ModelInputs<PlannedCell>(data, tokenizer), dataset.Name, model.Name);
    }

    private static ICellOptions<ModelCell> OptionsOf(ModelSource source) => source switch
    {
        TrainedModel trained => trained.Options,
        ImportedModel imported => imported.Options,
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "unknown source of a model"),
    };
}
