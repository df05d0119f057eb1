using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Harness.Models;
using Harness.Models.Checkpoints;

namespace Harness.CheckpointEdits;

/// <summary>How facts or rephrasings are answered, teacher forced, in [0, 1].</summary>
/// <param name="TfExact">Share of which every target token is the argmax and the answer ends behind it.</param>
/// <param name="TfAll">Share of which every target token is the argmax, whatever comes behind it.</param>
/// <param name="TfToken">Share of target tokens that are the argmax, mean over prompts.</param>
/// <param name="Prompts">Number of prompts.</param>
public sealed record AnswerScore(double TfExact, double TfAll, double TfToken, int Prompts);

/// <summary>What an edit left as it was.</summary>
/// <param name="SameArgmax">Share of answer tokens whose argmax is that of the unedited model, mean over prompts; in [0, 1].</param>
/// <param name="Unchanged">Prompts of which that holds for every token.</param>
/// <param name="Prompts">Number of prompts.</param>
public sealed record LocalityScore(double SameArgmax, int Unchanged, int Prompts);

/// <summary>Scores of a model on a facts file. Means over rephrasings and locality prompts are taken fact by fact first.</summary>
/// <param name="Reliability">On the prompts.</param>
/// <param name="Generality">On the rephrasings; null where there are none.</param>
/// <param name="Locality">On the locality prompts; null where there are none, and for the unedited model.</param>
public sealed record FactScores(AnswerScore Reliability, AnswerScore? Generality, LocalityScore? Locality);

/// <summary>One fact's greedy answers; "…" ends one that was cut short.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Before">The unedited model's answer.</param>
/// <param name="After">The edited model's answer.</param>
/// <param name="Target">The wanted answer.</param>
/// <param name="Answered">Whether the edited model's answer is the wanted one: every target token is the argmax, and the answer ends
/// there.</param>
/// <param name="Question">The last message of the conversation that the prompt was made of; null where the file gives the prompt
/// itself.</param>
public sealed record FactOutcome(
    string Prompt, string Before, string After, string Target, bool Answered,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Question = null);

/// <summary>What is kept beside an edited model, or beside its changes. It holds no path and no time.</summary>
public sealed record FactEditReport
{
    /// <summary>Version of this form. The first had no number, no hashes and no history.</summary>
    public const int CurrentSchema = 2;

    /// <summary>Version of the form of the file.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Version of the harness.</summary>
    public required string Harness { get; init; }

    /// <summary>Version of libtorch.</summary>
    public required string Libtorch { get; init; }

    /// <summary>Name of the model's folder.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the editor.</summary>
    public required string Editor { get; init; }

    /// <summary>The editor's options, all of them.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>Seed of the editor's randomness.</summary>
    public required long Seed { get; init; }

    /// <summary>Whether a space was put between a prompt and its answer.</summary>
    public TargetSpace Space { get; init; }

    /// <summary>Tokens of running text over which key statistics were taken; 0 where the editor needs none.</summary>
    public required long StatisticsTokens { get; init; }

    /// <summary>Facts that are not edited and that the editor was given; 0 where there were none.</summary>
    public int Examples { get; init; }

    /// <summary>What made prompts of conversations; null where there were none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatUse? Chat { get; init; }

    /// <summary>Parameters that were changed, under the harness's names.</summary>
    public required IReadOnlyList<string> Changed { get; init; }

    /// <summary>The editor's own figures.</summary>
    public required IReadOnlyDictionary<string, double> Figures { get; init; }

    /// <summary>Scores of the unedited model.</summary>
    public required FactScores Before { get; init; }

    /// <summary>Scores of the edited model, with its weights as they are saved.</summary>
    public required FactScores After { get; init; }

    /// <summary>Each fact, in the file's order.</summary>
    public required IReadOnlyList<FactOutcome> Facts { get; init; }

    /// <summary>SHA-256 of the safetensors files that the model was read from, by name.</summary>
    public IReadOnlyDictionary<string, string> Edited { get; init; } = new Dictionary<string, string>();

    /// <summary>The same of what was written; null where only the changes were.</summary>
    public IReadOnlyDictionary<string, string>? Written { get; init; }

    /// <summary>
    /// Whether what was edited is what the last of <see cref="History"/> wrote; null where there was none, or it does not say.
    /// </summary>
    public bool? Unbroken { get; init; }

    /// <summary>
    /// The reports of the edits that the model had been through before, each whole but for its own history; oldest first.
    /// </summary>
    public IReadOnlyList<JsonObject> History { get; init; } = [];
}

/// <summary>What a run came to.</summary>
/// <param name="Report">What is kept.</param>
/// <param name="Seconds">How long each part took, in order.</param>
/// <param name="LeftOut">What of the model's folder was not copied, and why.</param>
public sealed record FactEditResult(
    FactEditReport Report, IReadOnlyList<(string Part, double Seconds)> Seconds, IReadOnlyList<LeftOut> LeftOut);
