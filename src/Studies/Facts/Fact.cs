using Harness.Editing;

namespace Harness.Studies.Facts;

/// <summary>One fact of a user's own, as a line of a facts file gives it: texts as they are written, none of white space alone.</summary>
public sealed record Fact
{
    /// <summary>Line of the file, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>What is asked or begun.</summary>
    public required string Prompt { get; init; }

    /// <summary>What the edited model is to answer: one line, without white space at its end.</summary>
    public required string Target { get; init; }

    /// <summary>
    /// The entity that the fact is about: whole words of <see cref="Prompt"/>. Only locate-and-edit methods need it; where it occurs more than once,
    /// they edit its first occurrence, and the run says so.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>Other ways to ask for the same fact: generality.</summary>
    public IReadOnlyList<string> Rephrases { get; init; } = [];

    /// <summary>Prompts whose answers must not change: locality.</summary>
    public IReadOnlyList<LocalityPrompt> Locality { get; init; } = [];

    /// <summary>The fact as an editor is given it.</summary>
    /// <param name="said">The unedited model's answer.</param>
    internal EditRequest ToRequest(string said) => new(Line, Subject ?? "", Prompt, Target, said);
}

/// <summary>A prompt whose answer must not change.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answer">The answer at whose tokens the model is watched; null for the model's own before the edit.</param>
public sealed record LocalityPrompt(string Prompt, string? Answer);
