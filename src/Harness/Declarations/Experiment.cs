using System.Text.Json.Serialization;
using Harness.Measuring.Cells;
using Harness.Measuring.Metrics;
using Harness.Measuring.Worlds;
using Harness.Reports;

namespace Harness.Declarations;

/// <summary>One table or figure of a paper, resolved for one scale: everything is validated before anything loads.</summary>
public sealed record Experiment
{
    /// <summary>Cake target, for example <c>Table1</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Paper folder below experiments/ and results/, for example <c>dft</c>.</summary>
    public required string Paper { get; init; }

    /// <summary>Whether it is no paper's, but a sweep that options were chosen by.</summary>
    public bool IsSweepOfOptions => Origin.IsSweep;

    /// <summary>The file that declares it.</summary>
    public ExperimentSource Origin => new(Target, Paper, Name);

    /// <summary>File name below the paper folder, without extension, for example <c>table1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One line for <c>--description</c> and headings.</summary>
    public required string Title { get; init; }

    /// <summary>The paper and the table that this regenerates.</summary>
    public required string Source { get; init; }

    /// <summary>Scale that this instance is resolved for: embedded, small …</summary>
    public required string Scale { get; init; }

    /// <summary>Seeds, each of a world, its models and its edits; at least one. Numbers are means over them.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>Protocol of every number in the table.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>Definition of locality.</summary>
    public required LocalityDefinition Locality { get; init; }

    /// <summary>Metrics shown, in column order.</summary>
    public required IReadOnlyList<string> Metrics { get; init; }

    /// <summary>Data sets in table order; <see cref="DatasetEntry.Name"/> is the paper's name for it.</summary>
    public required IReadOnlyList<DatasetEntry> Datasets { get; init; }

    /// <summary>Models in table order; <see cref="ModelEntry.Name"/> is the paper's name for it.</summary>
    public required IReadOnlyList<ModelEntry> Models { get; init; }

    /// <summary>Editors in table order; <c>original</c> is the unedited model.</summary>
    public required IReadOnlyList<EditorEntry> Editors { get; init; }

    /// <summary>What the paper claims, to be judged.</summary>
    public required IReadOnlyList<ClaimEntry> Claims { get; init; }

    /// <summary>The paper's numbers: data set → model → editor → metric → percent. Empty where the paper gives none.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string,
        double>>>> Published
    { get; init; }

    /// <summary>
    /// Editor options that differ from <see cref="Editors"/> for a data set or a model; read through <see cref="OptionsFor"/>.
    /// </summary>
    public IReadOnlyList<SpecificOptions> Specific { get; init; } = [];

    /// <summary>How the edits reach the editors. Default: all at once, or as the editor's own options say.</summary>
    public EditsProtocol Edits { get; init; } = EditsProtocol.Batched;

    /// <summary>Axes over which editors' options are varied, in declared order; empty for a plain table.</summary>
    public IReadOnlyList<AxisEntry> Axes { get; init; } = [];

    /// <summary>What is drawn.</summary>
    public FigureKind Figure { get; init; } = FigureKind.Bars;

    /// <summary>Metrics of what the edits took, beside the table's; none where that is not shown.</summary>
    public IReadOnlyList<string> Budget { get; init; } = [];

    /// <summary>The metric by whose rank the rows stand, with ranks beside every number; null where they stand as declared.</summary>
    public string? RankedBy { get; init; }

    /// <summary>What the command line changed; it is resolved into everything above.</summary>
    public ExperimentOverrides Overrides { get; init; } = ExperimentOverrides.None;

    /// <summary>Whether a row is the unedited model's, whatever it is called.</summary>
    public bool IsOriginal(string row) =>
        row == EditorEntry.Original || Editors.Any(entry => entry.Name == row && entry.Editor == EditorEntry.Original);

    /// <summary>The tasks that it shows, by name, each with its SHA-256.</summary>
    public IReadOnlyDictionary<string, string> Tasks =>
        Overrides.Tasks.Where(task => Metrics.Contains(Metric.OfTask(task.Key))).ToDictionary();

    /// <summary>The options record of an editor for one data set and model of the table; null for <c>original</c>.</summary>
    /// <exception cref="InputException">The experiment has no such editor.</exception>
    public object? OptionsFor(string dataset, string model, string editor)
    {
        if (Specific.FirstOrDefault(entry => entry.Dataset == dataset && entry.Model == model && entry.Editor == editor) is { } specific)
            return specific.Options;
        var entry = Editors.FirstOrDefault(entry => entry.Name == editor);
        return entry is not null
            ? entry.Options
            : throw new InputException($"{Target}: no editor '{editor}'{Nearest.Suggestion(editor, Editors.Select(known => known.Name))}");
    }
}

/// <summary>An editor's options for one data set and model of the table.</summary>
/// <param name="Dataset">The paper's name of the data set.</param>
/// <param name="Model">The paper's name of the model.</param>
/// <param name="Editor">Editor.</param>
/// <param name="Options">Its whole options record.</param>
public sealed record SpecificOptions(string Dataset, string Model, string Editor, object Options);

/// <summary>A data set of the table and what stands for it at this scale.</summary>
/// <param name="Name">The paper's name, for example <c>zsre</c>.</param>
/// <param name="StandIn">Its name in datasets.yaml, for example <c>world-zsre</c>.</param>
/// <param name="World">Options of the synthetic world, or null for a real file.</param>
/// <param name="Options">Options of the Dataset cell.</param>
public sealed record DatasetEntry(string Name, string StandIn, WorldOptions? World, DatasetOptions Options)
{
    /// <summary>The world's name in datasets.yaml, or null for a real file.</summary>
    public string? WorldName { get; init; }

    /// <summary>How people write the paper's data set, <c>zsRE</c>. Default: its name.</summary>
    public string Title { get; init; } = Name;

    /// <summary>
    /// What every table and figure calls it: real records by the paper's name, a world by its own and what it stands for.
    /// </summary>
    public ShownName Shown => new(Title, World is null ? null : StandIn);
}

/// <summary>A model of the table and what stands for it at this scale.</summary>
/// <param name="Name">The paper's name, for example <c>llama2-7b</c>.</param>
/// <param name="StandIn">Its name in models.yaml, for example <c>tiny-llama2</c>.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="StatisticsTokens">Tokens averaged by its Statistics cells.</param>
public sealed record ModelEntry(string Name, string StandIn, ModelSource Source, int StatisticsTokens)
{
    /// <summary>How people write the paper's model, <c>LLaMA-2-7B</c>. Default: its name.</summary>
    public string Title { get; init; } = Name;

    /// <summary>Number of its parameters, the most where data sets gave it different vocabularies; null until it was made.</summary>
    public long? Parameters { get; init; }

    /// <summary>
    /// What every table and figure calls it: a published model by its name, a stand-in by its own, its size and what it stands for.
    /// </summary>
    public ShownName Shown => new(Title, Source is ImportedModel ? null : StandIn, Parameters);
}

/// <summary>Where a model comes from.</summary>
public abstract record ModelSource;

/// <summary>A model trained here.</summary>
/// <param name="Tokenizer">Options of its Tokenizer cell.</param>
/// <param name="Options">Options of its Model cell.</param>
public sealed record TrainedModel(TokenizerOptions Tokenizer, ModelOptions Options) : ModelSource;

/// <summary>A published model.</summary>
/// <param name="Options">Options of its Model cell. What a local folder holds is found when the cells are planned, not before.</param>
public sealed record ImportedModel(ImportOptions Options) : ModelSource;

/// <summary>A row of the table: an editor under some options.</summary>
/// <param name="Name">
/// Name of the row: the editor's, or one of its own (<c>ft-m-bf</c>), or <c>original</c>; with the places on the axes behind it where
/// options are varied (<c>emmet@256</c>, <c>locft-bf@2,down</c>).
/// </param>
/// <param name="Options">The editor's options record, resolved and typed; null for <c>original</c>.</param>
public sealed record EditorEntry(string Name, object? Options)
{
    /// <summary>The editor of the row that shows the unedited model.</summary>
    public const string Original = "original";

    /// <summary>Name in the editor registry, or <c>original</c>.</summary>
    public string Editor { get; init; } = Name;

    /// <summary>The row's name without its places on the axes.</summary>
    public string Series { get; init; } = Name;

    /// <summary>Its places on the axes, in their order; empty where nothing is varied.</summary>
    public IReadOnlyList<AxisPlace> At { get; init; } = [];

    /// <summary>Number of edits where it is varied; null for the experiment's.</summary>
    public int? Edits { get; init; }

    /// <summary>
    /// The sweep below experiments/ that its options come from, <c>tuning/city</c>; null where they come from elsewhere.
    /// </summary>
    public string? ChosenBy { get; init; }
}

/// <summary>A row's place on an axis.</summary>
/// <param name="Axis">Name of the axis.</param>
/// <param name="Value">One of its values.</param>
public sealed record AxisPlace(string Axis, string Value);

/// <summary>An axis over which editors' options, or the number of edits, are varied.</summary>
/// <param name="Name">For people: <c>batch size</c>, <c>layer</c>.</param>
/// <param name="Values">Its values, in order.</param>
public sealed record AxisEntry(string Name, [property: JsonPropertyOrder(1)] IReadOnlyList<string> Values)
{
    /// <summary>Whether a figure spaces the values by their logarithm.</summary>
    [JsonPropertyName("logarithmic")]
    public bool IsLogarithmic { get; init; }
}

/// <summary>How the edits reach an editor.</summary>
public enum EditsProtocol
{
    /// <summary>All at once, or in batches where the editor's own options say so.</summary>
    Batched,

    /// <summary>One after another, each on the model that the earlier ones left.</summary>
    Sequential,

    /// <summary>Each on the unedited model, scored right away, and taken back.</summary>
    Single,
}

/// <summary>What is drawn of an experiment.</summary>
public enum FigureKind
{
    /// <summary>Grouped bars: metrics in rows, data sets in columns.</summary>
    Bars,

    /// <summary>Lines over one axis, a band for each interval.</summary>
    Sweep,

    /// <summary>One axis against another, the metric as colour.</summary>
    HeatMap,

    /// <summary>Reliability of the edits after all of them, by their age.</summary>
    Retention,

    /// <summary>Size of the weights' change by layer and module.</summary>
    Change,

    /// <summary>Rows in the order of their ranks against metrics, the rank as colour.</summary>
    Ranks,
}

/// <summary>A claim of the paper.</summary>
/// <param name="That">Comparison, for example <c>dft-ft.reliability > full-ft.reliability</c>.</param>
/// <param name="On">Where it is said to hold: <c>every dataset and model</c>, or a data set or model by name.</param>
/// <param name="Source">Where the paper says it.</param>
public sealed record ClaimEntry(string That, string On, string Source);
