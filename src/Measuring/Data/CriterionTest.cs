using System.Text.Json.Serialization;

namespace Harness.Measuring.Data;

/// <summary>
/// One test by which a compositional data set judges an edit: what follows from it, or stays in spite of it. Its score is the best of its
/// questions', a criterion's of a case the mean over its tests.
/// </summary>
/// <param name="Criterion">One of <see cref="Criteria"/>: the metric that it counts for.</param>
/// <param name="Questions">
/// Questions with what is right after the edit, at least one; several are phrasings of one, or parts of a whole.
/// </param>
public sealed record CriterionTest(string Criterion, IReadOnlyList<Question> Questions)
{
    /// <summary>Whether every question must be answered rightly: the score is the worst. Default false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsWhole { get; init; }

    /// <summary>
    /// What the test rests on and the edit leaves alone: it does not count where the unedited model answers one of these wrongly. Null for
    /// nothing.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Question>? Conditions { get; init; }
}

/// <summary>The criteria of compositional data sets, by the names of their metrics.</summary>
public static class Criteria
{
    /// <summary>What follows by logic, such as the inverse of the edit (RippleEdits: Logical Generalization).</summary>
    public const string LogicalGeneralisation = "logical-generalisation";

    /// <summary>One hop behind the edited object (RippleEdits: Compositionality I).</summary>
    public const string CompositionalityI = "compositionality-i";

    /// <summary>One hop before the edited subject (RippleEdits: Compositionality II).</summary>
    public const string CompositionalityII = "compositionality-ii";

    /// <summary>The edited fact under another name of its subject (RippleEdits: Subject Aliasing).</summary>
    public const string SubjectAliasing = "subject-aliasing";

    /// <summary>Other objects of the edited subject and relation, which stay (RippleEdits: Preservation, or Forgetfulness).</summary>
    public const string Preservation = "preservation";

    /// <summary>Other relations of the edited subject, which stay (RippleEdits: Relation Specificity).</summary>
    public const string RelationSpecificity = "relation-specificity";

    /// <summary>Questions along a chain of facts, any phrasing of which may be answered (MQuAKE: multi-hop accuracy).</summary>
    public const string MultiHop = "multi-hop";

    /// <summary>Every fact of such a chain (MQuAKE: instance-wise accuracy).</summary>
    public const string InstanceWise = "instance-wise";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        LogicalGeneralisation, CompositionalityI, CompositionalityII, SubjectAliasing, Preservation, RelationSpecificity, MultiHop,
        InstanceWise,
    ];
}
