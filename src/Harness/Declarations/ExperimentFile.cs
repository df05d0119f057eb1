using Harness.Measuring.Cells;
using Harness.Measuring.Metrics;
using Harness.Measuring.Yaml;
using Harness.Models.Training;

namespace Harness.Declarations;

// The YAML files as they stand; ExperimentCatalog resolves them.

/// <summary>experiments/&lt;paper&gt;/&lt;name&gt;.yaml.</summary>
internal sealed record ExperimentFile
{
    public required YamlScalar Target { get; init; }
    public required string Title { get; init; }
    public required string Source { get; init; }
    public PublishedReference? Published { get; init; }
    public required Protocol Protocol { get; init; }
    public LocalityDefinition Locality { get; init; } = LocalityDefinition.SameArgmax;
    public required IReadOnlyList<YamlScalar> Metrics { get; init; }
    public required IReadOnlyList<YamlScalar> Datasets { get; init; }
    public required IReadOnlyList<YamlScalar> Models { get; init; }
    public IReadOnlyList<ClaimFile> Claims { get; init; } = [];
    public FigureKind Figure { get; init; } = FigureKind.Bars;
    public required YamlMap Scales { get; init; }
}

/// <summary>A table of experiments/published/&lt;file&gt;.</summary>
internal sealed record PublishedReference(YamlScalar File, YamlScalar Table);

/// <summary>A claim; its source is the experiment's unless it names one.</summary>
internal sealed record ClaimFile(YamlScalar That, string On, string? Source = null);

/// <summary>One scale of an experiment: what stands for the paper's data sets and models, and the editors' options.</summary>
internal sealed record ScaleFile
{
    public required long Seed { get; init; }
    public required int Edits { get; init; }
    public required YamlMap Datasets { get; init; }
    public required YamlMap Models { get; init; }
    public required YamlMap Editors { get; init; }
    public IReadOnlyList<OverrideFile> Overrides { get; init; } = [];
    public EditsProtocol EditsProtocol { get; init; } = EditsProtocol.Batched;
    public int EditsAtOnce { get; init; } = 1;
    public IReadOnlyList<VaryFile> Vary { get; init; } = [];
    public YamlScalar? ChosenBy { get; init; }
}

/// <summary>
/// An axis: the values of one option of some rows, of all where none are named. <c>edits</c> is the number of edits. Entries of one axis
/// name may give different rows different options.
/// </summary>
internal sealed record VaryFile
{
    public required string Axis { get; init; }
    public required YamlScalar Option { get; init; }
    public IReadOnlyList<YamlScalar>? Editors { get; init; }
    public required IReadOnlyList<YamlScalar> Values { get; init; }
    public bool Logarithmic { get; init; }
    public bool AsList { get; init; }
}

/// <summary>Editor options for one data set or model, or both, of the table.</summary>
internal sealed record OverrideFile(YamlScalar Editor, YamlMap Options, YamlScalar? Dataset = null, YamlScalar? Model = null);

/// <summary>An entry of experiments/models.yaml that is trained here. The shape's vocabulary size is the tokenizer's.</summary>
internal sealed record ModelFile
{
    public required TokenizerOptions Tokenizer { get; init; }
    public required int StatisticsTokens { get; init; }
    public required YamlMap Shape { get; init; }
    public required TrainingOptions Training { get; init; }
}

/// <summary>An entry of experiments/models.yaml with the key <c>import</c>.</summary>
internal sealed record ImportFile(HubModelOptions Import, int StatisticsTokens);
