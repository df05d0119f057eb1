using Harness.Declarations;
using Harness.Editing;
using Harness.Measuring.Cells;
using Harness.Measuring.Metrics;
using Inputs = System.Collections.Generic.OrderedDictionary<string, Harness.Planning.PlannedCell>;

namespace Harness.Planning;

/// <summary>The cells behind the rows of one data set and model: what the editors need, the edits, and what is measured of them.</summary>
internal sealed class RowCells(CellGraph cells, Experiment experiment, IReadOnlyList<EditorDescriptor> registry)
{
    private const int TimingRounds = 3;
    private readonly MeasuredSeries measured = new(experiment);

    /// <summary>The rows, in the experiment's order.</summary>
    public IEnumerable<PlannedRow> Of(DatasetEntry dataset, ModelEntry model, PlannedCell data, PlannedCell original)
    {
        var place = new Place(dataset, model, new Inputs { ["dataset"] = data, ["model"] = original });
        return measured.Times ? Timed(place) : experiment.Editors.Select(row => Scored(place, row));
    }

    private ScoringOptions Scoring => new(experiment.Protocol, experiment.Locality, measured.Generation);

    private PlannedRow Scored(Place place, EditorEntry row)
    {
        if (experiment.Edits == EditsProtocol.Single && row.Options is not null)
            return place.Row(row, Single(place, row));
        var inputs = new Inputs(place.Inputs);
        if (row.Options is not null)
            inputs["edit"] = Edit(place, row);
        var score = Add(CellKind.Score, place, row.Name, new ScoreOptions { Scoring = Scoring, Edits = row.Edits }, inputs);
        return place.Row(row, score) with
        {
            Capability = measured.Capability ? Add(CellKind.Capability, place, row.Name, measured.Asked, inputs) : null,
        };
    }

    private PlannedCell Edit(Place place, EditorEntry row)
    {
        var options = OptionsOf(place, row);
        var edit = new EditOptions
        {
            Editor = row.Editor,
            Options = CanonicalJson.ToNode(options)!.AsObject(),
            Edits = row.Edits,
            Each = measured.Each ? Scoring : null,
        };
        return Add(CellKind.Edit, place, row.Name, edit, Needs(place, row, new Inputs(place.Inputs), "training"));
    }

    private PlannedCell Single(Place place, EditorEntry row)
    {
        var options = new SingleEditsOptions
        {
            Editor = row.Editor,
            Options = CanonicalJson.ToNode(OptionsOf(place, row))!.AsObject(),
            Edits = row.Edits,
            Scoring = Scoring,
        };
        return Add(CellKind.SingleEdits, place, row.Name, options, Needs(place, row, new Inputs(place.Inputs), "training"));
    }

    // One cell: the editors are timed in turn, in one process.
    private List<PlannedRow> Timed(Place place)
    {
        var rows = experiment.Editors.Where(row => row.Options is not null).ToList();
        var inputs = new Inputs(place.Inputs);
        int[] layers = [.. rows.SelectMany(row => Descriptor(row).StatisticsLayers(OptionsOf(place, row))).Distinct().Order()];
        if (layers.Length > 0)
            inputs["statistics"] = Statistics(place, layers);
        foreach (var row in rows)
            Needs(place, row, inputs, $"training/{row.Name}", statistics: false);
        var options = new TimingOptions
        {
            Rounds = TimingRounds,
            Rows = [.. rows.Select(row => new TimedRow(
                row.Name, row.Editor, CanonicalJson.ToNode(OptionsOf(place, row))!.AsObject(), row.Edits ?? place.Dataset.Options.Edits))],
        };
        var cell = Add(CellKind.Timing, place, "times", options, inputs);
        return rows.ConvertAll(row => place.Row(row, cell));
    }

    // Adds what an editor needs before it edits.
    private Inputs Needs(Place place, EditorEntry row, Inputs inputs, string trainingRole, bool statistics = true)
    {
        var (descriptor, options) = (Descriptor(row), OptionsOf(place, row));
        int[] layers = [.. descriptor.StatisticsLayers(options).Distinct().Order()];
        if (statistics && layers.Length > 0)
            inputs["statistics"] = Statistics(place, layers);
        if (descriptor.Training is { } training)
        {
            var learnt = new EditorTrainingOptions
            {
                Editor = row.Editor,
                Options = CanonicalJson.ToNode(training.OptionsOf(options))!.AsObject()
            };
            inputs[trainingRole] = Add(CellKind.Training, place, row.Editor, learnt, new Inputs(place.Inputs));
        }

        return inputs;
    }

    private PlannedCell Statistics(Place place, int[] layers) => Add(
        CellKind.Statistics, place, $"layers-{string.Join('-', layers)}",
        new StatisticsOptions { Layers = layers, Tokens = place.Model.StatisticsTokens }, new Inputs(place.Inputs), editor: "");

    private PlannedCell Add(CellKind kind, Place place, string name, object options, Inputs inputs, string? editor = null) => cells.Add(
        kind, $"{place.Dataset.Name}/{place.Model.Name}/{name}", options, inputs, place.Dataset.Name, place.Model.Name, editor ?? name);

    private object OptionsOf(Place place, EditorEntry row) => experiment.OptionsFor(place.Dataset.Name, place.Model.Name, row.Name)!;

    private EditorDescriptor Descriptor(EditorEntry row) => registry.First(known => known.Name == row.Editor);

    private sealed record Place(DatasetEntry Dataset, ModelEntry Model, Inputs Inputs)
    {
        public PlannedRow Row(EditorEntry row, PlannedCell score) => new(Dataset.Name, Model.Name, row.Name, score);
    }
}
