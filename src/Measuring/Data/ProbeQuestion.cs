namespace Harness.Measuring.Data;

/// <summary>A question about a fact that is not edited, as free recall and as multiple choice.</summary>
/// <param name="Kind">One of <see cref="ProbeKinds"/>.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answer">The true answer.</param>
/// <param name="Distractors">Other answers of the same type: three, or as many as there are.</param>
public sealed record ProbeQuestion(string Kind, string Prompt, string Answer, IReadOnlyList<string> Distractors);

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

    /// <summary>All kinds, the nearest first.</summary>
    public static IReadOnlyList<string> All { get; } = [SameSubject, SameRelation, Unrelated];
}
