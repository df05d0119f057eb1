namespace Harness.Editing;

/// <summary>
/// A fact that is not edited, in the form of an edit, with what else is known about it: what hypernetworks, classifiers and retrieved
/// demonstrations are trained on or drawn from.
/// </summary>
/// <param name="Request">The fact as an edit.</param>
/// <param name="Rephrases">Other ways to ask for it.</param>
/// <param name="Locality">Prompts that such an edit must not touch, with their answers.</param>
public sealed record EditExample(
    EditRequest Request, IReadOnlyList<string> Rephrases, IReadOnlyList<(string Prompt, string Answer)> Locality);
