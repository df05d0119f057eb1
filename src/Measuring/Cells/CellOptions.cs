using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Harness.Measuring.Capability.Tasks;
using Harness.Measuring.Data.Hub;
using Harness.Measuring.Metrics;
using Harness.Models;
using Harness.Models.Training;

namespace Harness.Measuring.Cells;

// World cells take Harness.Measuring.Worlds.WorldOptions as they are.

/// <summary>Options of a Dataset cell. Input: <c>world</c> for the synthetic schemas, none for a file.</summary>
public sealed record DatasetOptions
{
    /// <summary>Default of <see cref="Examples"/> and of <see cref="Probes"/>.</summary>
    public const int DefaultExtras = 200;

    /// <summary>
    /// Record schema: <c>zsre</c>, <c>counterfact</c>, and for files also <c>counterfact-original</c>, <c>wikibigedit</c>, <c>qaedit</c>.
    /// </summary>
    public required string Schema { get; init; }

    /// <summary>Number of edit cases.</summary>
    public required int Edits { get; init; }

    /// <summary>The real file, or null for a synthetic world.</summary>
    public DataFile? File { get; init; }

    /// <summary>Running text for the original model, or null.</summary>
    public DataFile? Text { get; init; }

    /// <summary>Number of texts taken from <see cref="Text"/>. Default 0.</summary>
    public int TextCount { get; init; }

    /// <summary>
    /// Share of the rephrasings that the original model is trained on, real files only. Default 0.8 (the small scale's design).
    /// </summary>
    public double TrainedRephrases { get; init; } = 0.8;

    /// <summary>
    /// Most facts that are not edited to learn editing from or to demonstrate it with. Default 200; as many as there are, if fewer.
    /// </summary>
    public int Examples { get; init; } = DefaultExtras;

    /// <summary>Most capability probes of each kind, and most held-out texts. Default 200; as many as there are, if fewer.</summary>
    public int Probes { get; init; } = DefaultExtras;
}

/// <summary>A published file: where it comes from and what its bytes must be.</summary>
/// <param name="Address">Canonical https address.</param>
/// <param name="Mirror">Path below <c>HARNESS_MIRROR</c>.</param>
/// <param name="Sha256">Lower-case hexadecimal SHA-256 of the file.</param>
public sealed record DataFile(string Address, string Mirror, string Sha256);

/// <summary>Options of a Tokenizer cell. Input: <c>dataset</c>.</summary>
public sealed record TokenizerOptions
{
    /// <summary>Largest number of ids, special tokens included.</summary>
    public required int VocabularySize { get; init; }
}

/// <summary>Options of a Model cell trained here. Inputs: <c>dataset</c>, <c>tokenizer</c>.</summary>
public sealed record ModelOptions
{
    /// <summary>Shape; its vocabulary size is replaced by the tokenizer's.</summary>
    public required TransformerConfig Shape { get; init; }

    /// <summary>How it is trained.</summary>
    public required TrainingOptions Training { get; init; }
}

/// <summary>
/// Options of a Model cell that imports a published model. Input: <c>dataset</c>, whose old answers the model is asked for. The cell holds
/// import.json, not the model.
/// </summary>
public sealed record ImportOptions
{
    /// <summary>Which model.</summary>
    public required HubModelOptions Import { get; init; }

    /// <summary>
    /// SHA-256 over the files of a local model (<see cref="HubModel.ContentOf"/>), or null for what the hub has at the revision: another
    /// local model is another cell.
    /// </summary>
    public string? Content { get; init; }
}

/// <summary>Options of a Statistics cell. Inputs: <c>dataset</c>, <c>model</c>.</summary>
public sealed record StatisticsOptions
{
    /// <summary>Layers, ascending.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>Number of tokens whose keys are averaged, at least.</summary>
    public required int Tokens { get; init; }
}

/// <summary>
/// Options of a Training cell: what an editor has to learn once for a model. Inputs: <c>dataset</c>, <c>model</c>.
/// </summary>
public sealed record EditorTrainingOptions
{
    /// <summary>Name in the editor registry.</summary>
    public required string Editor { get; init; }

    /// <summary>The training's options record, resolved, as canonical JSON.</summary>
    public required JsonObject Options { get; init; }
}

/// <summary>
/// Options of an Edit cell. Inputs: <c>dataset</c>, <c>model</c>, and <c>statistics</c> and <c>training</c> where the editor needs them.
/// </summary>
public sealed record EditOptions
{
    /// <summary>Name in the editor registry.</summary>
    public required string Editor { get; init; }

    /// <summary>The editor's options record, resolved, as canonical JSON.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>Number of the data set's first cases that are edited; null for all.</summary>
    public int? Edits { get; init; }

    /// <summary>How each case is scored right after its edit; null where it is not.</summary>
    public ScoringOptions? Each { get; init; }
}

/// <summary>
/// Options of a SingleEdits cell: each case is edited on the unedited model, scored, and taken back. Inputs as an Edit cell's.
/// </summary>
public sealed record SingleEditsOptions
{
    /// <summary>Name in the editor registry.</summary>
    public required string Editor { get; init; }

    /// <summary>The editor's options record, resolved, as canonical JSON.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>Number of the data set's first cases that are edited; null for all.</summary>
    public int? Edits { get; init; }

    /// <summary>How each case is scored.</summary>
    public required ScoringOptions Scoring { get; init; }
}

/// <summary>Options of a Score cell. Inputs: <c>dataset</c>, <c>model</c>, and <c>edit</c> unless the unedited model is scored.</summary>
public sealed record ScoreOptions
{
    /// <summary>How.</summary>
    public required ScoringOptions Scoring { get; init; }

    /// <summary>Number of the data set's first cases that are scored; null for all.</summary>
    public int? Edits { get; init; }
}

/// <summary>
/// Options of a Capability cell: what the model can do besides the edits. Inputs: <c>dataset</c>, <c>model</c>, and <c>edit</c> unless the
/// unedited model is asked.
/// </summary>
public sealed record CapabilityOptions
{
    /// <summary>
    /// The tasks that it is asked besides, by name, each with its SHA-256 (<see cref="TaskFolder.ContentsOf"/>); null for none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Tasks { get; init; }
}

/// <summary>
/// Options of a Timing cell: editors timed in turn, in one process. Inputs: <c>dataset</c>, <c>model</c>, and <c>statistics</c> and
/// trainings (<c>training/row</c>) where editors need them.
/// </summary>
public sealed record TimingOptions
{
    /// <summary>What is timed.</summary>
    public required IReadOnlyList<TimedRow> Rows { get; init; }

    /// <summary>How often each is timed.</summary>
    public required int Rounds { get; init; }
}

/// <summary>A row whose edit is timed.</summary>
/// <param name="Name">Name of the row.</param>
/// <param name="Editor">Name in the editor registry.</param>
/// <param name="Options">The editor's options record, resolved, as canonical JSON.</param>
/// <param name="Edits">Number of the data set's first cases that are edited.</param>
public sealed record TimedRow(string Name, string Editor, JsonObject Options, int Edits);
