using Harness.Measuring.Cells;
using Harness.Measuring.Metrics;
using Harness.Measuring.Tracing;
using Harness.Measuring.Yaml;
using Harness.Models.Training;

namespace Harness.Declarations;

// The YAML files as they stand; ExperimentCatalog resolves them. What is said of a key here is said of it in experiments/schema too.

/// <summary>experiments/&lt;paper&gt;/&lt;name&gt;.yaml.</summary>
internal sealed record ExperimentFile
{
    /// <summary>
    /// Name on the command line, <c>--target=Table1</c>: letters, digits and dashes, unique. What stands before a dash is the paper's
    /// target.
    /// </summary>
    public required YamlScalar Target { get; init; }

    /// <summary>One line for headings and <c>--description</c>.</summary>
    public required string Title { get; init; }

    /// <summary>The paper, and the table or figure of it.</summary>
    public required string Source { get; init; }

    /// <summary>The table of the paper's numbers that stand beside the measured ones; none where the paper gives none.</summary>
    public PublishedReference? Published { get; init; }

    /// <summary>How answers are taken and scored; one for the whole table.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>What locality compares.</summary>
    public LocalityDefinition Locality { get; init; } = LocalityDefinition.SameArgmax;

    /// <summary>Metrics in the order of the columns. <c>-each</c> behind a name is the score right after each edit.</summary>
    public required IReadOnlyList<YamlScalar> Metrics { get; init; }

    /// <summary>The paper's data sets, by their keys in names.yaml, in table order.</summary>
    public required IReadOnlyList<YamlScalar> Datasets { get; init; }

    /// <summary>The paper's models, by their keys in names.yaml, in table order.</summary>
    public required IReadOnlyList<YamlScalar> Models { get; init; }

    /// <summary>What the paper claims about this table, to be judged.</summary>
    public IReadOnlyList<ClaimFile> Claims { get; init; } = [];

    /// <summary>What is drawn.</summary>
    public FigureKind Figure { get; init; } = FigureKind.Bars;

    /// <summary>Whether a table of its own says what the edits of each row took: updates by an optimiser, and changed numbers.</summary>
    public bool Budget { get; init; }

    /// <summary>
    /// The metric by whose rank the rows of a table of one data set and model stand; every number then has a rank with its interval.
    /// Default: rows stand as they are declared, without ranks.
    /// </summary>
    public YamlScalar? RankedBy { get; init; }

    /// <summary>By name: <c>embedded</c>, <c>small</c>, <c>paper</c>. A scale that is not there cannot be asked for.</summary>
    public required YamlMap Scales { get; init; }
}

/// <summary>A table of experiments/published/&lt;file&gt;.</summary>
/// <param name="File">Name of the file in experiments/published.</param>
/// <param name="Table">One of its tables.</param>
internal sealed record PublishedReference(YamlScalar File, YamlScalar Table);

/// <summary>A claim.</summary>
/// <param name="That">
/// <c>row.metric</c> or <c>each.metric</c> (every editor), one of <c>&gt; &gt;= &lt; &lt;=</c>, then <c>row.metric</c> or
/// <c>others.metric</c> (every other editor, <c>except rome, memit</c>) with a margin or none (<c>- 2</c>), or a number; further
/// comparisons behind <c>and</c>.
/// </param>
/// <param name="On">
/// <c>every dataset and model</c>, <c>almost every dataset and model</c>, <c>most datasets and models</c>, or names of data sets and
/// models, joined by <c>and</c>.
/// </param>
/// <param name="Source">Where the paper says so. Default: the experiment's source.</param>
internal sealed record ClaimFile(YamlScalar That, string On, string? Source = null);

/// <summary>One scale of an experiment: what stands for the paper's data sets and models, and the editors' options.</summary>
internal sealed record ScaleFile
{
    /// <summary>
    /// Seeds, each of a world, its models and its edits; the numbers of the table are means over them. At least one, none twice.
    /// </summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>Number of edit cases, at least 1.</summary>
    public required int Edits { get; init; }

    /// <summary>For each data set of the table an entry of datasets.yaml, or <c>~</c> to do without it at this scale.</summary>
    public required YamlMap Datasets { get; init; }

    /// <summary>For each model of the table an entry of models.yaml, or <c>~</c> to do without it at this scale.</summary>
    public required YamlMap Models { get; init; }

    /// <summary>
    /// The rows, in table order: an editor's name with its options, or a name of the row's own with <c>editor</c> among them. Needed but
    /// where <c>editors-of</c> or <c>trace</c> takes their place.
    /// </summary>
    public YamlMap Editors { get; init; } = new(new YamlPlace("", 0, 0), []);

    /// <summary>A file of the same folder whose rows at this scale are taken in the place of <c>editors</c>.</summary>
    public YamlScalar? EditorsOf { get; init; }

    /// <summary>Options that differ for a data set or a model; later ones win.</summary>
    public IReadOnlyList<OverrideFile> Overrides { get; init; } = [];

    /// <summary>How the edits reach the editors.</summary>
    public EditsProtocol EditsProtocol { get; init; } = EditsProtocol.Batched;

    /// <summary>Edits of a batch where <c>edits-protocol</c> is <c>sequential</c>, at least 1.</summary>
    public int EditsAtOnce { get; init; } = 1;

    /// <summary>Axes: each value of an option, or each combination where several vary one row, is a row, <c>rome@2</c>.</summary>
    public IReadOnlyList<VaryFile> Vary { get; init; } = [];

    /// <summary>The sweep that chose the rows' options, <c>tuning/city</c>; a row may name another.</summary>
    public YamlScalar? ChosenBy { get; init; }

    /// <summary>
    /// Causal tracing of the unedited models in the place of editors: a row for each state, layer and position,
    /// <c>mlp@2,last-subject</c>.
    /// </summary>
    public TracingOptions? Trace { get; init; }
}

/// <summary>
/// An axis: the values of one option of some rows, of all where none are named. <c>edits</c> is the number of edits. Entries of one axis
/// name may give different rows different options.
/// </summary>
internal sealed record VaryFile
{
    /// <summary>Its name for people, <c>batch size</c>. Entries of one name are one axis.</summary>
    public required string Axis { get; init; }

    /// <summary>The option that is varied, with points into nested ones (<c>tuning.batch-size</c>), or <c>edits</c>.</summary>
    public required YamlScalar Option { get; init; }

    /// <summary>The rows that it varies. Default: all but the unedited model.</summary>
    public IReadOnlyList<YamlScalar>? Editors { get; init; }

    /// <summary>The values, in order.</summary>
    public required IReadOnlyList<YamlScalar> Values { get; init; }

    /// <summary>Whether a figure spaces the values by their logarithm.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Whether the option takes a list, of which each value is the only member: <c>layers</c>.</summary>
    public bool AsList { get; init; }
}

/// <summary>Editor options for one data set or model, or both, of the table.</summary>
/// <param name="Editor">The row, by its name under <c>editors</c>.</param>
/// <param name="Options">What differs; the rest is the row's.</param>
/// <param name="Dataset">The table's data set. Default: every one.</param>
/// <param name="Model">The table's model. Default: every one.</param>
internal sealed record OverrideFile(YamlScalar Editor, YamlMap Options, YamlScalar? Dataset = null, YamlScalar? Model = null);

/// <summary>An entry of experiments/models.yaml that is trained here. The shape's vocabulary size is the tokenizer's.</summary>
internal sealed record ModelFile
{
    /// <summary>How its tokenizer is learnt.</summary>
    public required TokenizerOptions Tokenizer { get; init; }

    /// <summary>Tokens over which key statistics are averaged.</summary>
    public required int StatisticsTokens { get; init; }

    /// <summary>Its family and sizes.</summary>
    public required YamlMap Shape { get; init; }

    /// <summary>How it is trained.</summary>
    public required TrainingOptions Training { get; init; }
}

/// <summary>An entry of experiments/models.yaml with the key <c>import</c>.</summary>
/// <param name="Import">Which model of the Hugging Face hub.</param>
/// <param name="StatisticsTokens">Tokens over which key statistics are averaged.</param>
internal sealed record ImportFile(HubModelOptions Import, int StatisticsTokens);
