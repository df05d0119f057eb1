namespace Harness.Studies.Data;

/// <summary>A question about a fact that is not edited.</summary>
/// <param name="Kind">How it is related to what is edited: <c>same-subject</c>, <c>same-relation</c> or <c>unrelated</c>.</param>
/// <param name="Prompt">The question, or the beginning of a statement.</param>
/// <param name="Answer">Its right answer.</param>
/// <param name="Distractors">Wrong answers of the same type; none where the question is not asked as multiple choice.</param>
public sealed record ProbeQuestion(string Kind, string Prompt, string Answer, IReadOnlyList<string> Distractors);
