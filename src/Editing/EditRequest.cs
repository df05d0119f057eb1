namespace Harness.Editing;

/// <summary>One fact to change: after the edit, <see cref="Prompt"/> is to be continued with <see cref="TargetNew"/>.</summary>
/// <param name="Id">Number of the case in its data set.</param>
/// <param name="Subject">
/// The entity that the fact is about; occurs in <paramref name="Prompt"/>. May be empty for editors that do not look for it.
/// </param>
/// <param name="Prompt">The bare prompt; <see cref="EditSession.Space"/> says what is between it and a target.</param>
/// <param name="TargetNew">The wanted answer.</param>
/// <param name="TargetOld">The answer before the edit.</param>
public sealed record EditRequest(int Id, string Subject, string Prompt, string TargetNew, string TargetOld);

/// <summary>
/// A fact that is not edited, in the form of an edit, with what else is known about it: what hypernetworks, classifiers and retrieved
/// demonstrations are trained on or drawn from.
/// </summary>
/// <param name="Request">The fact as an edit.</param>
/// <param name="Rephrases">Other ways to ask for it.</param>
/// <param name="Locality">Prompts that such an edit must not touch, with their answers.</param>
public sealed record EditExample(
    EditRequest Request, IReadOnlyList<string> Rephrases, IReadOnlyList<(string Prompt, string Answer)> Locality);
