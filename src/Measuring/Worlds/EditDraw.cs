using Harness.Measuring.Data;

namespace Harness.Measuring.Worlds;

/// <summary>Chooses the facts of a world that are edited.</summary>
internal static class EditDraw
{
    /// <summary>
    /// Facts to edit: first of subjects that have no edit yet, then of any, but never of reserved ones. Of the facts that share relation
    /// and object with an edited one, so many keep subjects without any edit as neighbours are asked for.
    /// </summary>
    /// <exception cref="InputException">There is no room for as many.</exception>
    public static List<Fact> Run(IReadOnlyList<Fact> facts, int edits, SeededRandom random, int neighbours, HashSet<string> reserved)
    {
        var factsOf = facts.ToLookup(fact => fact.Subject);
        var left = facts.GroupBy(Shared).ToDictionary(group => group.Key, group => group.Count());
        var guarded = new HashSet<(string, string)>();
        var candidates = random.Some(facts, facts.Count).Where(fact => !reserved.Contains(fact.Subject)).ToList();
        var subjects = new HashSet<string>();
        var edited = new List<Fact>();
        foreach (var freshSubjects in new[] { true, false })
        {
            foreach (var fact in candidates.Except(edited).ToList())
            {
                var isFresh = !subjects.Contains(fact.Subject);
                if (edited.Count == edits || (freshSubjects && !isFresh)) continue;
                List<(string, string)> leaving = isFresh ? [.. factsOf[fact.Subject].Select(Shared)] : [];
                if (!guarded.Append(Shared(fact)).All(key => left[key] - (leaving.Contains(key) ? 1 : 0) >= neighbours)) continue;
                subjects.Add(fact.Subject);
                guarded.Add(Shared(fact));
                foreach (var key in leaving) left[key]--;
                edited.Add(fact);
            }
        }

        return edits >= 1 && edited.Count == edits ? edited : throw new InputException(
            $"data set from a world: {edits} edits asked for, found room for {edited.Count} among {facts.Count} facts " +
            $"with {neighbours} unedited neighbours each, expected at least 1 edit and no more than there is room for; " +
            "ask for fewer, or raise the world's entities");
    }

    private static (string Relation, string Object) Shared(Fact fact) => (fact.Relation, fact.Object);
}
