using System.Text.Json.Serialization;

namespace Harness.Measuring.Data;

/// <summary>One record of a data set, whatever schema it came in.</summary>
public sealed record EditCase
{
    /// <summary>Number within the data set, from 0.</summary>
    public required int Id { get; init; }

    /// <summary>The entity that the fact is about; occurs in <see cref="Prompt"/>.</summary>
    public required string Subject { get; init; }

    /// <summary>The edit prompt, without trailing space.</summary>
    public required string Prompt { get; init; }

    /// <summary>The wanted answer, without leading space.</summary>
    public required string TargetNew { get; init; }

    /// <summary>
    /// The answer of the original model, without leading space; empty where the data set does not say it. It is then what the model itself
    /// answers (<see cref="Metrics.Scorer.WithOldAnswers"/>).
    /// </summary>
    public required string TargetOld { get; init; }

    /// <summary>Other ways to ask for the same fact: generality.</summary>
    public required IReadOnlyList<string> Rephrases { get; init; }

    /// <summary>Questions that the edit must not touch: locality.</summary>
    public required IReadOnlyList<Question> Locality { get; init; }

    /// <summary>Questions one hop away, with what follows from the new answer: portability. Default none.</summary>
    [JsonIgnore]
    public IReadOnlyList<Question> Portability { get; init; } = [];

    /// <summary>
    /// Prompts about the subject from which texts are generated: fluency. Default none: the edit prompt takes their place.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<string> GenerationPrompts { get; init; } = [];

    /// <summary>What a compositional data set judges the edit by besides: tests, each of a criterion. Default none.</summary>
    [JsonIgnore]
    public IReadOnlyList<CriterionTest> Tests { get; init; } = [];

    /// <summary>
    /// The record that the case is of, where a record has several edits, each a case: they follow each other, and the last has the tests.
    /// Null where a record is one edit.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Group { get; init; }

    // A case that has none is written as it was before there were any.
    [JsonInclude]
    [JsonPropertyName("portability")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    private IReadOnlyList<Question>? StoredPortability
    {
        get => Portability.Count == 0 ? null : Portability;
        init => Portability = value ?? [];
    }

    [JsonInclude]
    [JsonPropertyName("generation-prompts")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    private IReadOnlyList<string>? StoredGenerationPrompts
    {
        get => GenerationPrompts.Count == 0 ? null : GenerationPrompts;
        init => GenerationPrompts = value ?? [];
    }

    [JsonInclude]
    [JsonPropertyName("tests")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    private IReadOnlyList<CriterionTest>? StoredTests
    {
        get => Tests.Count == 0 ? null : Tests;
        init => Tests = value ?? [];
    }
}

/// <summary>A prompt with its answer, neither with outer white space.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answer">The answer.</param>
public sealed record Question(string Prompt, string Answer)
{
    /// <summary>Other answers that are as right; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Aliases { get; init; }

    /// <summary>Every right answer, <see cref="Answer"/> first: the best score of all is the question's.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Accepted => Aliases is null ? [Answer] : [Answer, .. Aliases];

    /// <summary>The question with its first answer alone.</summary>
    [JsonIgnore]
    public Question Plain => Aliases is null ? this : this with { Aliases = null };
}

/// <summary>A question about a fact that is not edited, as free recall and as multiple choice.</summary>
/// <param name="Kind">One of <see cref="ProbeKinds"/>.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answer">The true answer.</param>
/// <param name="Distractors">Other answers of the same type: three, or as many as there are.</param>
public sealed record ProbeQuestion(string Kind, string Prompt, string Answer, IReadOnlyList<string> Distractors)
{
    /// <summary>Whom it is about, so that questions about one subject are resampled together; null where that is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Subject { get; init; }
}

/// <summary>A question that the original model was not taught, though what it asks for follows from what it was taught.</summary>
/// <param name="Metric">The metric that asks this question of an edited model: the original's share of right ones is its ceiling.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answer">The answer before any edit.</param>
public sealed record UnseenQuestion(string Metric, string Prompt, string Answer);

/// <summary>How near a probe is to the edits.</summary>
public static class ProbeKinds
{
    /// <summary>Other facts of subjects that are edited.</summary>
    public const string SameSubject = "same-subject";

    /// <summary>Subjects that are not edited, a relation that is.</summary>
    public const string SameRelation = "same-relation";

    /// <summary>Neither.</summary>
    public const string Unrelated = "unrelated";

    /// <summary>Distractors of a probe, where there are as many: with the gold, four choices.</summary>
    public const int Distractors = 3;
}

/// <summary>A data set as a Dataset cell stores it: the edits, and what the original model is trained on.</summary>
public sealed record FactData
{
    /// <summary>The edits, in edit order.</summary>
    public required IReadOnlyList<EditCase> Cases { get; init; }

    /// <summary>Prompts with the OLD answers on which the original model is trained (K_old and all else that it is to know).</summary>
    public required IReadOnlyList<Question> Knowledge { get; init; }

    /// <summary>The questions whose recall by the original model is measured and printed; a subset of <see cref="Knowledge"/>.</summary>
    public required IReadOnlyList<Question> Recall { get; init; }

    /// <summary>Running text for language modelling, if any (the small scale's real text).</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>
    /// Facts that are not edited, in the form of edits: what hypernetworks and classifiers are trained on and demonstrations are drawn
    /// from. Numbered from 0 on their own. Default none.
    /// </summary>
    public IReadOnlyList<EditCase> Examples { get; init; } = [];

    /// <summary>Questions about facts that are not edited, by how near they are to the edits: capability. Default none.</summary>
    public IReadOnlyList<ProbeQuestion> Probes { get; init; } = [];

    /// <summary>Texts that nobody edits, for perplexity: capability. Default none.</summary>
    public IReadOnlyList<string> HeldOut { get; init; } = [];

    /// <summary>The cases' questions that the original model was not taught, with their old answers: ceilings. Default none.</summary>
    public IReadOnlyList<UnseenQuestion> Unseen { get; init; } = [];
}
