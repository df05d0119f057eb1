using System.Text.Json.Nodes;

namespace Harness.Measuring.Cells;

/// <summary>What a cell makes.</summary>
public enum CellKind
{
    /// <summary>A synthetic world of facts (world.json).</summary>
    World,

    /// <summary>Edit cases and the original model's knowledge (cases.jsonl, knowledge.jsonl, recall.jsonl, texts.jsonl).</summary>
    Dataset,

    /// <summary>tokenizer.json, trained on a data set's knowledge and texts.</summary>
    Tokenizer,

    /// <summary>A Hugging Face folder, or import.json for a published model, and recall.json.</summary>
    Model,

    /// <summary>Second moments of down-projection inputs of some layers (statistics.safetensors).</summary>
    Statistics,

    /// <summary>What an editor has learnt before it edits (training.safetensors).</summary>
    Training,

    /// <summary>
    /// Weight deltas and what is kept beside them (edit.safetensors, edit.json), and scores right after each edit (each.jsonl).
    /// </summary>
    Edit,

    /// <summary>Scores of edits each of which was alone on the model (cases.jsonl).</summary>
    SingleEdits,

    /// <summary>One line per case (cases.jsonl).</summary>
    Score,

    /// <summary>What the model can do besides the edits (items.jsonl).</summary>
    Capability,

    /// <summary>Seconds that edits took (times.jsonl): they depend on the machine and its load.</summary>
    Timing,
}

/// <summary>
/// Everything that a cell's body may depend on. The body writes into <see cref="OutputFolder"/> only; the store does the rest.
/// </summary>
public sealed record CellRequest
{
    /// <summary>What to make.</summary>
    public required CellKind Kind { get; init; }

    /// <summary>The kind's options record (<c>WorldOptions</c>, <c>DatasetOptions</c> …) as canonical JSON.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>Seed of all randomness in the cell.</summary>
    public required long Seed { get; init; }

    /// <summary>Where tensors are computed: <c>cpu</c> (default) or <c>cuda</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Folders of finished input cells by role: world, dataset, tokenizer, model, statistics, training, edit.</summary>
    public required IReadOnlyDictionary<string, string> Inputs { get; init; }

    /// <summary>An existing empty folder for what the cell makes.</summary>
    public required string OutputFolder { get; init; }
}
