using Harness.Editing;
using Harness.Models.Chat;

namespace Harness.CheckpointEdits;

/// <summary>One fact of a user's own, as a line of a facts file gives it: texts as they are written, none of white space alone.</summary>
public sealed record Fact
{
    /// <summary>Line of the file, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>What is asked or begun; see <see cref="Messages"/>.</summary>
    public required string Prompt { get; init; }

    /// <summary>
    /// The conversation that is the prompt, or null. Before the model's template has made a text of it (<see cref="ChatPrompts"/>), the
    /// prompt is its lines with their roles: the same where messages are the same.
    /// </summary>
    public IReadOnlyList<ChatMessage>? Messages { get; init; }

    /// <summary>What the edited model is to answer: one line, without white space at its end.</summary>
    public required string Target { get; init; }

    /// <summary>
    /// The entity that the fact is about: whole words of <see cref="Prompt"/>. Only locate-and-edit methods need it; where it occurs more
    /// than once, they edit its first occurrence, and the run says so.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>Other ways to ask for the same fact: generality.</summary>
    public IReadOnlyList<string> Rephrases { get; init; } = [];

    /// <summary>The conversations among <see cref="Rephrases"/>, by their place there.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<ChatMessage>> RephraseMessages
    {
        get; init;
    } = new Dictionary<int, IReadOnlyList<ChatMessage>>();

    /// <summary>Prompts whose answers must not change: locality.</summary>
    public IReadOnlyList<LocalityPrompt> Locality { get; init; } = [];

    /// <summary>The fact as an editor is given it.</summary>
    /// <param name="said">The unedited model's answer.</param>
    internal EditRequest ToRequest(string said) => new(Line, Subject ?? "", Prompt, Target, said);
}

/// <summary>A prompt whose answer must not change.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answer">The answer at whose tokens the model is watched; null for the model's own before the edit.</param>
public sealed record LocalityPrompt(string Prompt, string? Answer)
{
    /// <summary>The conversation that is the prompt, or null; as in a <see cref="Fact"/>.</summary>
    public IReadOnlyList<ChatMessage>? Messages { get; init; }
}
