using System.Text.Json.Nodes;
using Harness.Declarations;
using Harness.Editing;
using Harness.Measuring.Cells;
using Harness.Measuring.Metrics;
using Harness.Measuring.Tracing;

namespace Harness.Planning;

/// <summary>The cells behind the rows of one data set and model: what the editors need, the edits, and what is measured of them.</summary>
internal sealed class RowCells(CellGraph cells, Experiment experiment, IReadOnlyList<EditorDescriptor> registry)
{
    private const int TimingRounds = 3;
    private readonly MeasuredSeries measured = new(experiment);

    /// <summary>The rows, in the experiment's order.</summary>
    public IEnumerable<PlannedRow> Of(DatasetEntry dataset, ModelEntry model, PlannedCell data, PlannedCell original)
    {
        var place = new Place(dataset, model, data, original);
        return measured.Times ? Timed(place) : measured.Traces ? Traced(place) : experiment.Editors.Select(row => Scored(place, row));
    }

    private ScoringOptions Scoring => new(experiment.Protocol, experiment.Locality, measured.Generation);

    private PlannedRow Scored(Place place, EditorEntry row)
    {
        if (experiment.Edits == EditsProtocol.Single && row.Options is not null)
            return place.Row(row, Single(place, row));
        var edit = row.Options is null ? null : Edit(place, row);
        var score = Add(place, row.Name, new ScoreOptions { Scoring = Scoring, Edits = row.Edits },
            new ScoreInputs<PlannedCell>(place.Data, place.Original, edit));
        return place.Row(row, score) with
        {
            Capability = measured.Capability
                ? Add(place, row.Name, measured.Asked, new CapabilityInputs<PlannedCell>(place.Data, place.Original, edit))
                : null,
        };
    }

    private PlannedCell Edit(Place place, EditorEntry row)
    {
        var options = new EditOptions
        {
            Editor = row.Editor,
            Options = OptionsJson(place, row),
            Edits = row.Edits,
            Each = measured.Each ? Scoring : null,
        };
        return Add(place, row.Name, options,
            new EditInputs<PlannedCell>(place.Data, place.Original, Statistics(place, [row]), Training(place, row)));
    }

    private PlannedCell Single(Place place, EditorEntry row)
    {
        var options = new SingleEditsOptions
        {
            Editor = row.Editor,
            Options = OptionsJson(place, row),
            Edits = row.Edits,
            Scoring = Scoring,
        };
        return Add(place, row.Name, options,
            new SingleEditsInputs<PlannedCell>(place.Data, place.Original, Statistics(place, [row]), Training(place, row)));
    }

    // One cell: the editors are timed in turn, in one process.
    private List<PlannedRow> Timed(Place place)
    {
        var rows = experiment.Editors.Where(row => row.Options is not null).ToList();
        var statistics = Statistics(place, rows);
        var trainings = rows.Select(row => (row.Name, Cell: Training(place, row))).Where(row => row.Cell is not null)
            .ToDictionary(row => row.Name, row => row.Cell!);
        var options = new TimingOptions
        {
            Rounds = TimingRounds,
            Rows = [.. rows.Select(row => new TimedRow(
                row.Name, row.Editor, OptionsJson(place, row), row.Edits ?? place.Dataset.Options.Edits))],
        };
        var cell = Add(place, "times", options,
            new TimingInputs<PlannedCell>(place.Data, place.Original, statistics, trainings));
        return rows.ConvertAll(row => place.Row(row, cell));
    }

    // One cell: a fact's states are all traced in the same runs.
    private List<PlannedRow> Traced(Place place)
    {
        if (experiment.Editors.Count == 0) return [];
        var options = new TraceOptions { Tracing = (TracingOptions)experiment.Editors[0].Options! };
        var cell = Add(place, "trace", options, new TraceInputs<PlannedCell>(place.Data, place.Original));
        return [.. experiment.Editors.Select(row => place.Row(row, cell))];
    }

    private PlannedCell? Training(Place place, EditorEntry row)
    {
        if (Descriptor(row).Training is not { } training) return null;
        var options = new EditorTrainingOptions
        {
            Editor = row.Editor,
            Options = CanonicalJson.ToNode(training.OptionsOf(OptionsOf(place, row)))!.AsObject(),
        };
        return Add(place, row.Editor, options, new TrainingInputs<PlannedCell>(place.Data, place.Original));
    }

    private PlannedCell? Statistics(Place place, IReadOnlyList<EditorEntry> rows)
    {
        int[] layers = [.. rows.SelectMany(row => Descriptor(row).StatisticsLayers(OptionsOf(place, row))).Distinct().Order()];
        return layers.Length == 0 ? null : Add(
            place, $"layers-{string.Join('-', layers)}", new StatisticsOptions { Layers = layers, Tokens = place.Model.StatisticsTokens },
            new StatisticsInputs<PlannedCell>(place.Data, place.Original), editor: "");
    }

    private PlannedCell Add<TCell>(
        Place place, string name, ICellOptions<TCell> options, ICellInputs<TCell, PlannedCell> inputs, string? editor = null)
        where TCell : Cell, new() => cells.Add(
            $"{place.Dataset.Name}/{place.Model.Name}/{name}", options, inputs, place.Dataset.Name, place.Model.Name, editor ?? name);

    private object OptionsOf(Place place, EditorEntry row) => experiment.OptionsFor(place.Dataset.Name, place.Model.Name, row.Name)!;

    private JsonObject OptionsJson(Place place, EditorEntry row) => CanonicalJson.ToNode(OptionsOf(place, row))!.AsObject();

    private EditorDescriptor Descriptor(EditorEntry row) => registry.First(known => known.Name == row.Editor);

    private sealed record Place(DatasetEntry Dataset, ModelEntry Model, PlannedCell Data, PlannedCell Original)
    {
        public PlannedRow Row(EditorEntry row, PlannedCell score) => new(Dataset.Name, Model.Name, row.Name, score);
    }
}
