namespace Harness.Studies.Data;

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

    /// <summary>The answer of the original model, without leading space.</summary>
    public required string TargetOld { get; init; }

    /// <summary>Other ways to ask for the same fact: generality.</summary>
    public required IReadOnlyList<string> Rephrases { get; init; }

    /// <summary>Questions that the edit must not touch: locality.</summary>
    public required IReadOnlyList<Question> Locality { get; init; }
}

/// <summary>A prompt with its answer, neither with outer white space.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answer">The answer.</param>
public sealed record Question(string Prompt, string Answer);

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
}
