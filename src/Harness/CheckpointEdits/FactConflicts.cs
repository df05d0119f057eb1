using Harness.Models.Text;

namespace Harness.CheckpointEdits;

/// <summary>
/// Facts that contradict or repeat each other. Texts are compared as a reader sees them (<see cref="SeenText.Key"/>): an edit has one
/// answer to a prompt, what it changes cannot stay the same, and what is asked twice measures nothing.
/// </summary>
internal static class FactConflicts
{
    private enum Role
    {
        Prompt,
        Rephrase,
        Locality,
    }

    /// <summary>What is wrong within a file, line by line.</summary>
    public static IEnumerable<string> Within(string file, IReadOnlyList<Fact> facts) =>
        from same in facts.SelectMany(Texts).GroupBy(asked => SeenText.Key(asked.Text))
            .Select(alike => alike.OrderBy(asked => asked.Role).ToArray())
        from place in Enumerable.Range(1, same.Length - 1)
        let here = same[place]
        let there = same.Take(place).FirstOrDefault(earlier => Collide(earlier, here))
        where there is not null
        orderby here.Fact.Line
        select $"{file}({here.Fact.Line}): found {Found(here, there, "line " + there.Fact.Line)}, {Remedy(here, there)}";

    /// <summary>Facts of one file that are to be other facts than those of another, and are not.</summary>
    public static IEnumerable<string> Between(string file, IReadOnlyList<Fact> examples, string factsFile, IReadOnlyList<Fact> facts)
    {
        var edited = facts.SelectMany(Texts).Where(asked => asked.Role != Role.Locality).GroupBy(asked => SeenText.Key(asked.Text))
            .ToDictionary(group => group.Key, group => group.First());
        return from here in examples.SelectMany(Texts)
               let there = edited.GetValueOrDefault(SeenText.Key(here.Text))
               where there is not null
               select $"{file}({here.Fact.Line}): found {Found(here, there, $"{factsFile}({there.Fact.Line})")}, " +
                   "expected facts that are not edited; remove it";
    }

    private static IEnumerable<Asked> Texts(Fact fact) =>
    [
        new(fact, Role.Prompt, fact.Prompt, fact.Target),
            .. fact.Rephrases.Select(text => new Asked(fact, Role.Rephrase, text, fact.Target)),
        .. fact.Locality.Select(asked => new Asked(fact, Role.Locality, asked.Prompt, asked.Answer)),
    ];

    // Two facts may watch the same prompt.
    private static bool Collide(Asked there, Asked here) =>
        there.Role != Role.Locality || there.Fact == here.Fact || AnswersDiffer(there, here);

    private static bool AnswersDiffer(Asked there, Asked here) =>
        there.Answer is not null && here.Answer is not null && there.Answer != here.Answer;

    private static string Found(Asked here, Asked there, string place)
    {
        var (mine, other) = (SeenText.OneLine(here.Text), SeenText.OneLine(there.Text));
        var written = there.Text == here.Text ? "" : $", there '{other}'{SeenText.Difference(there.Text, here.Text)}";
        var isAnswered = here.Fact != there.Fact && (here.Role == Role.Locality) == (there.Role == Role.Locality)
            && AnswersDiffer(there, here);
        var answers = isAnswered
            ? $", answered '{here.Answer}' here and '{there.Answer}' there{SeenText.Difference(there.Answer!, here.Answer!)}" : "";
        return $"{Name(here.Role)} '{mine}', which is {(there.Role == Role.Prompt ? "the" : "a")} {Name(there.Role)} of {place} " +
            $"too{written}{answers}";
    }

    private static string Remedy(Asked here, Asked there) => (here.Role, there.Role, here.Fact == there.Fact) switch
    {
        (Role.Prompt, _, _) => "expected each prompt once; remove one of the lines",
        (Role.Rephrase, _, true) => "expected another wording, as the same one measures nothing; reword it or leave it out",
        (Role.Rephrase, _, false) => "expected a wording of one fact alone; reword one of them or leave it out",
        (Role.Locality, Role.Locality, true) => "expected each once in a line; leave one out",
        (Role.Locality, Role.Locality, false) => "expected one answer to a prompt; correct one of them",
        _ => "expected one whose answer stays; ask another",
    };

    private static string Name(Role role) => role switch
    {
        Role.Prompt => "prompt",
        Role.Rephrase => "rephrasing",
        _ => "locality prompt",
    };

    private sealed record Asked(Fact Fact, Role Role, string Text, string? Answer);
}
