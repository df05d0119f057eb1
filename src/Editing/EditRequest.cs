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
