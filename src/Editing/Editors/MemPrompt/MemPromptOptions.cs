namespace Harness.Editing.Editors.MemPrompt;

/// <summary>
/// Options of MemPrompt (Madaan et al. 2022, "Memory-assisted prompt editing to improve GPT-3 after deployment"; madaan/memprompt): what
/// the model got wrong is remembered with feedback in words, and a prompt that resembles a remembered one is asked with its feedback; no
/// weight changes. Feedback is here the new fact as a sentence. Where it differs: it stands before the prompt, and not behind it, as a
/// prompt goes on in its answer; prompts are compared by hidden states of the model, and not by a trained sentence encoder; a prompt that
/// resembles none is asked as it is, and not behind the examples.
/// </summary>
public sealed record MemPromptOptions : IEditorOptions
{
    /// <summary>Layer behind which prompts are compared, from 0: by the cosine of their mean hidden states.</summary>
    public required int Layer { get; init; }

    /// <summary>
    /// Similarity, −1 to 1, above which a prompt resembles a remembered one. Default 0.9 (published). It has to suit the model's hidden
    /// states.
    /// </summary>
    public double Threshold { get; init; } = 0.9;

    /// <summary>Whether only what the model answers wrongly is remembered. Default true (published).</summary>
    public bool OnlyMistakes { get; init; } = true;

    /// <summary>
    /// Fixed examples of prompts with feedback and answers, of facts that are not edited, before it, at least 0; as many as fit. Default 20
    /// (published: at most). IKE takes others for each edit.
    /// </summary>
    public int Shots { get; init; } = 20;

    /// <summary>What stands between feedback and prompt. Default " | " (published, the other way round).</summary>
    public string Separator { get; init; } = " | ";

    /// <summary>What stands behind an example. Default " END" and a new line (after the published "END").</summary>
    public string End { get; init; } = " END\n";

    /// <summary>Positions that are left free for the answer, at least 1. Default 32.</summary>
    public int AnswerTokens { get; init; } = 32;

    /// <summary>Edits in a batch, at least 1; each is remembered for itself, so that the size changes no result. Default 1.</summary>
    public int BatchSize { get; init; } = 1;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("layer", Layer, 0)
        .Check(Threshold is >= -1 and <= 1, "threshold", Threshold, "-1 to 1")
        .AtLeast("shots", Shots, 0)
        .AtLeast("answer-tokens", AnswerTokens, 1)
        .AtLeast("batch-size", BatchSize, 1)
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions? Sequential(int batchSize) => this with { BatchSize = batchSize };
}
