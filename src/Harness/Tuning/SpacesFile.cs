using Harness.Declarations;
using Harness.Measuring.Metrics;
using Harness.Measuring.Yaml;

namespace Harness.Tuning;

// The file as it stands; TuningSpaces resolves it. What is said of a key here is said of it in experiments/schema too.

/// <summary>experiments/tuning/spaces.yaml: how every editor's options are searched for.</summary>
internal sealed record SpacesFile
{
    /// <summary>How answers are taken and scored in every search.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>What locality compares.</summary>
    public LocalityDefinition Locality { get; init; } = LocalityDefinition.SameArgmax;

    /// <summary>Seed of the settings that are drawn from a grid with more of them than the first round tries.</summary>
    public required long DrawSeed { get; init; }

    /// <summary>Times that an option's values go on beyond each of their ends where the best setting lies there, at least 0.</summary>
    public required int Widenings { get; init; }

    /// <summary>The scales that are searched, by name.</summary>
    public required YamlMap Scales { get; init; }

    /// <summary>
    /// The spaces by name. A row of a table takes the first of its editor's whose <c>edits-protocol</c> is the table's and whose
    /// <c>when</c> the row's options hold; <c>tuned</c> in the row may name another.
    /// </summary>
    public required YamlMap Spaces { get; init; }
}

/// <summary>How one scale is searched.</summary>
internal sealed record TuningScaleFile
{
    /// <summary>Seeds, in the order in which rounds take them; none that a table of this scale shows.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>The rounds: fewer settings and more edits in each.</summary>
    public required IReadOnlyList<RoundFile> Rounds { get; init; }

    /// <summary>
    /// Data sets that stand in the place of the tables'. A data set of real records needs one of other records: a seed changes none.
    /// </summary>
    public YamlMap? Datasets { get; init; }
}

/// <summary>A round of successive halving.</summary>
/// <param name="Settings">Settings that are tried, at least 1: the best of the round before; in the first the budget of a space.</param>
/// <param name="Edits">Edits that each is tried with, at least 1.</param>
/// <param name="Seeds">How many of the seeds each is tried on, at least 1.</param>
/// <param name="Datasets">How many of a space's data sets each is tried on, at least 1. Default: all.</param>
internal sealed record RoundFile(int Settings, int Edits, int Seeds, int? Datasets = null);

/// <summary>The space of one editor in one set-up.</summary>
internal sealed record SpaceFile
{
    /// <summary>Where the paper names these options and their values, and what its set-up fixes.</summary>
    public required string Source { get; init; }

    /// <summary>The editor. Default: the space's name.</summary>
    public YamlScalar? Editor { get; init; }

    /// <summary>How the edits reach the editor: that of the tables that it is for.</summary>
    public EditsProtocol EditsProtocol { get; init; } = EditsProtocol.Batched;

    /// <summary>Options that a row has which this space is for. Default: any.</summary>
    public YamlMap? When { get; init; }

    /// <summary>Options that are the same in every setting.</summary>
    public YamlMap? Fixed { get; init; }

    /// <summary>
    /// The options that are searched, with points into nested ones, and the values of each: numbers, or lists of one number, ascending, are
    /// an ordered axis that may be widened. None: there is nothing to tune.
    /// </summary>
    public YamlMap? Options { get; init; }
}
