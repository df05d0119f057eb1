namespace Harness.Measuring.Data;

/// <summary>
/// MQuAKE (Zhong et al. 2023), MQuAKE-CF, MQuAKE-CF-3k (-v2) and MQuAKE-T: a record is a chain of facts, one or more of which are edited,
/// and three phrasings of the question along it. Each edit is a case of its own; the record's tests are on the last, behind which all of
/// its edits have been made.
/// </summary>
internal static class MquakeRecord
{
    /// <summary>
    /// The edits of a record as cases of one group. Facts of the chain, before or after, that none of them edits are the last one's
    /// locality: the answer along the chain rests on them.
    /// </summary>
    public static IReadOnlyList<EditCase> Read(SourceRecord record, int id)
    {
        var group = $"{id + 1}";
        List<EditCase> edits =
        [
            .. record.Children("requested_rewrite").Select(rewrite =>
                RecordSchemas.Rewritten(rewrite, id) with { Rephrases = [rewrite.Text("question")], Group = group }),
        ];
        var edited = edits.Select(edit => edit.Prompt).ToHashSet();
        List<Question> chain = [.. record.Children("new_single_hops").Select(Hop)];
        var kept = record.Children("single_hops").Select(Hop).Concat(chain).Where(hop => !edited.Contains(hop.Prompt));
        edits[^1] = edits[^1] with
        {
            Locality = [.. kept.DistinctBy(hop => hop.Prompt).Select(hop => hop.Plain)],
            Tests =
            [
                new(Criteria.MultiHop, [.. record.Texts("questions").Select(question => Ask(record, question, "new_answer"))]),
                new(Criteria.InstanceWise, chain) { IsWhole = true },
            ],
        };
        return edits;
    }

    private static Question Hop(SourceRecord hop) => Ask(hop, hop.Text("cloze"), "answer");

    private static Question Ask(SourceRecord record, string prompt, string answer) => new(prompt, record.Text(answer))
    {
        Aliases = record.SomeTexts($"{answer}_alias") is { Count: > 0 } aliases ? aliases : null,
    };
}
