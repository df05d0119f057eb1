using System.Text.RegularExpressions;

namespace Harness.Measuring.Data;

/// <summary>
/// RippleEdits (Cohen et al. 2024), POPULAR, RANDOM and RECENT: a record is one edit, as a sentence, and tests of six criteria. It names
/// subject and objects by their Wikidata ids alone; what they are called is read off the sentence.
/// </summary>
internal static partial class RippleEditsRecord
{
    private const string Original = "original_fact", Preserved = "Forgetfulness";

    private static readonly (string Field, string Criterion)[] Fields =
    [
        ("Logical_Generalization", Criteria.LogicalGeneralisation),
        ("Compositionality_I", Criteria.CompositionalityI),
        ("Compositionality_II", Criteria.CompositionalityII),
        ("Subject_Aliasing", Criteria.SubjectAliasing),
        (Preserved, Criteria.Preservation),
        ("Relation_Specificity", Criteria.RelationSpecificity),
    ];

    /// <summary>
    /// The edit; none where no object, or no subject, can be told from the sentence. Its locality is what relation specificity asks.
    /// </summary>
    public static IReadOnlyList<EditCase> Read(SourceRecord record, int id)
    {
        var edit = record.Child("edit");
        if (Fact(edit, id) is not { } fact) return [];
        List<CriterionTest> tests =
        [
            .. from one in Fields
               where one.Field != Preserved || record.Has(Preserved)
               from test in record.AnyChildren(one.Field)
               let read = Test(one.Criterion, test, edit, fact)
               where read.Questions.Count > 0
               select read,
        ];
        return
        [
            fact with
            {
                Locality = [.. tests.Where(test => test.Criterion == Criteria.RelationSpecificity).Select(test => test.Questions[0].Plain)
                    .DistinctBy(asked => asked.Prompt)],
                Tests = tests,
            },
        ];
    }

    // A sentence, "… of Ann is Rome.", and where the record has it that of the fact before: they part behind the verb.
    private static EditCase? Fact(SourceRecord edit, int id)
    {
        var sentence = edit.Text("prompt");
        var original = edit.Has(Original) ? edit.Child(Original).Text("prompt") : null;
        var behind = Verb().Matches(sentence).Select(verb => verb.Index + verb.Length).Reverse()
            .FirstOrDefault(end => original is null || original.StartsWith(sentence[..end], StringComparison.Ordinal));
        var (prompt, target) = (sentence[..behind].Trim(), Object(sentence[behind..]));
        return target.Length > 0 && Subject().Match(prompt) is { Success: true } subject
            ? new EditCase
            {
                Id = id,
                Subject = subject.Groups["subject"].Value,
                Prompt = prompt,
                TargetNew = target,
                TargetOld = original is null ? "" : Object(original[behind..]),
                Rephrases = [],
                Locality = [],
            }
            : null;
    }

    private static string Object(string end) => (end.EndsWith('.') ? end[..^1] : end).Trim();

    private static CriterionTest Test(string criterion, SourceRecord test, SourceRecord edit, EditCase fact)
    {
        // Nothing can ask for the edit before it, under whatever name of its subject.
        bool IsOfEdit(SourceRecord query) => query.Same(edit, "subject_id") && query.Same(edit, "relation")
            && Asked(query)?.Accepted.Contains(fact.TargetNew) == true;

        List<Question> conditions =
        [
            .. test.AnyChildren("condition_queries").Where(query => !IsOfEdit(query)).Select(Asked).OfType<Question>(),
        ];
        return new(criterion, [.. test.AnyChildren("test_queries").Select(Asked).OfType<Question>()])
        {
            IsWhole = test.Text("test_condition") switch
            {
                "OR" => false,
                "AND" => true,
                var other => throw test.Error("test_condition", $"'{other}'", "OR or AND"),
            },
            Conditions = conditions.Count > 0 ? conditions : null,
        };
    }

    // Of several answers any is right, as a protocol takes one; null where a query has no prompt or no answer.
    private static Question? Asked(SourceRecord query)
    {
        List<string> answers =
        [
            .. query.AnyChildren("answers").SelectMany(answer => answer.SomeTexts("aliases").Prepend(answer.AnyText("value")))
                .Where(answer => answer.Length > 0).Distinct(),
        ];
        var prompt = query.AnyText("prompt");
        return prompt.Length == 0 || answers.Count == 0 ? null
            : new(prompt, answers[0]) { Aliases = answers.Count > 1 ? answers[1..] : null };
    }

    [GeneratedRegex(" (?:is followed by|follows|is|are) ", RegexOptions.CultureInvariant)]
    private static partial Regex Verb();

    // Behind the words that lead to it, which are in lower case, and before those that lead from it to the verb.
    [GeneratedRegex(
        @"^(?:The(?: [\p{Ll}'-]+)+ )?(?<subject>.+?)(?: (?:has|won|(?:is|plays)(?: \p{Ll}+)+))? (?:is|are|follows|is followed by)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Subject();
}
