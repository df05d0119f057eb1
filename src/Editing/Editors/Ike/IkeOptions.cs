namespace Harness.Editing.Editors.Ike;

/// <summary>
/// Options of IKE: In-context Knowledge Editing (Zheng et al. 2023). An edit is a line "New Fact: … Prompt: …" before the asked prompt,
/// behind demonstrations of how such lines are to be taken, drawn from facts that are not edited; no weight changes. All pieces are encoded
/// apart and put together as ids.
/// </summary>
public sealed record IkeOptions : IEditorOptions
{
    /// <summary>
    /// Layer behind which texts are compared, from 0: by the cosine of their mean hidden states, where the reference takes a sentence
    /// encoder.
    /// </summary>
    public required int Layer { get; init; }

    /// <summary>
    /// Demonstrations before an edit at most, at least 0. Default 16 (EasyEdit; the paper's code 32). Where the model has too few
    /// positions, the most similar ones stand and the others are left out; the figure "demonstrations" says how many fitted before the
    /// edits' own prompts.
    /// </summary>
    public int Demonstrations { get; init; } = 16;

    /// <summary>
    /// Share of demonstrations that repeat their fact, at least 0. Default 1 (paper: copy, update and retain as 1 : 3 : 4).
    /// </summary>
    public int Copies { get; init; } = 1;

    /// <summary>Share of demonstrations that ask for their fact in other words, at least 0. Default 3.</summary>
    public int Updates { get; init; } = 3;

    /// <summary>Share of demonstrations that ask for a fact that stays as it is, at least 0. Default 4.</summary>
    public int Retains { get; init; } = 4;

    /// <summary>
    /// Whether the edit itself stands as a last demonstration, before any other is taken. Default true (the paper's code; EasyEdit: no).
    /// </summary>
    public bool CopyOfEdit { get; init; } = true;

    /// <summary>What stands before a new fact. Default "New Fact: " (published).</summary>
    public string FactLabel { get; init; } = "New Fact: ";

    /// <summary>What stands before a prompt. Default a new line and "Prompt: " (published).</summary>
    public string PromptLabel { get; init; } = "\nPrompt: ";

    /// <summary>What stands behind a demonstration. Default two new lines (published).</summary>
    public string End { get; init; } = "\n\n";

    /// <summary>Positions that are left free for the answer, at least 1. Default 32 (the longest answer of <c>wild-em</c>).</summary>
    public int AnswerTokens { get; init; } = 32;

    /// <summary>
    /// Similarity, −1 to 1, that a prompt and the nearest edit's prompt need at least for the edit to be put before it. Default −1: an edit
    /// stands before every prompt, as in the reference.
    /// </summary>
    public double Threshold { get; init; } = -1;

    /// <summary>Edits in a batch, at least 1; each is prepared for itself, so that the size changes no result. Default 1.</summary>
    public int BatchSize { get; init; } = 1;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .AtLeast("demonstrations", Demonstrations, 0)
        .AtLeast("copies", Copies, 0)
        .AtLeast("updates", Updates, 0)
        .AtLeast("retains", Retains, 0)
        .Check(Copies + Updates + Retains > 0, "copies, updates, retains", 0, "at least one above 0")
        .AtLeast("answer-tokens", AnswerTokens, 1)
        .Check(Threshold is >= -1 and <= 1, "threshold", Threshold, "-1 to 1")
        .AtLeast("batch-size", BatchSize, 1)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions? Sequential(int batchSize) => this with { BatchSize = batchSize };
}
