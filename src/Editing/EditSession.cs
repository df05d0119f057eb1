using Harness.Models;
using Harness.Models.Tokenizers;

namespace Harness.Editing;

/// <summary>What an editor works on. It belongs to one run: editors keep no state anywhere else.</summary>
public sealed record EditSession
{
    /// <summary>
    /// The model to edit. Editors change its weights while they work and restore them bit for bit before they return or throw.
    /// </summary>
    public required Transformer Model { get; init; }

    /// <summary>The model's tokenizer.</summary>
    public required BpeTokenizer Tokenizer { get; init; }

    /// <summary>Whether a space is put between a prompt and its target. Default <see cref="TargetSpace.Auto"/>.</summary>
    public TargetSpace Space { get; init; }

    /// <summary>Seed of all randomness: shuffling, sampled contexts, adapters' first values, dropout.</summary>
    public required long Seed { get; init; }

    /// <summary>
    /// Second moments of keys, for the editors that need them (see <see cref="EditorDescriptor.StatisticsLayers"/>); otherwise null.
    /// </summary>
    public IKeyStatistics? Statistics { get; init; }

    /// <summary>
    /// Facts that are not edited, for the editors that learn from such or draw demonstrations from them; empty where there are none.
    /// </summary>
    public IReadOnlyList<EditExample> Examples { get; init; } = [];

    /// <summary>What the editor's <see cref="EditorDescriptor.Training"/> wrote; null for the editors that have none.</summary>
    public string? TrainedFile { get; init; }

    /// <summary>
    /// Told by editors that work through the requests in batches, after each batch: which requests it held, while the model's live weights
    /// hold all edits so far, and what is kept beside them so far, which stays the editor's. Editors that take all requests at once never
    /// call it.
    /// </summary>
    public Action<IReadOnlyList<EditRequest>, EditModule?>? AfterBatch { get; init; }

    /// <summary>Receives one line now and then, for people: "edit 12/100 loss 0.03".</summary>
    public IProgress<string>? Progress { get; init; }

    /// <summary>Looked at before every optimisation step.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>A prompt with its target as <see cref="TargetEncoding.Encode"/> makes ids of it, by <see cref="Space"/>.</summary>
    public Sequence Encode(string prompt, string target, bool appendEos) =>
        TargetEncoding.Encode(Tokenizer, prompt, target, appendEos, Space);

    /// <summary>Tells <see cref="AfterBatch"/> of a batch by the numbers of its requests; null where nobody asks.</summary>
    /// <param name="requests">The edits, which the numbers count.</param>
    internal Action<int[]>? TellOf(IReadOnlyList<EditRequest> requests) =>
        AfterBatch is { } tell ? numbers => tell([.. numbers.Select(number => requests[number])], null) : null;
}
