using Harness.Studies.Data;

namespace Harness.Studies.Worlds;

/// <summary>Data sets drawn from a world, in the form of zsRE (questions) and of CounterFact (statements).</summary>
/// <remarks>
/// The original model is trained on every fact in the first <see cref="WorldOptions.Phrasings"/> phrasings of the form, and in some of the other
/// form, with the world's answers, rephrasings included: edits are to change what is known in every phrasing.
/// </remarks>
public static class WorldDatasets
{
    /// <summary>zsRE: questions; locality asks about other subjects and other relations; no edit is about these subjects.</summary>
    /// <param name="world">The world; its objects are the old answers.</param>
    /// <param name="edits">Number of cases, at least 1. No fact is edited twice, and no subject before all others have been tried.</param>
    /// <param name="seed">Draws facts, new answers, rephrasings and locality.</param>
    /// <exception cref="InputException">The world is too small.</exception>
    public static FactData ToZsre(World world, int edits, long seed) =>
        Make(world, edits, new SeededRandom(seed, "world/zsre"), relation => relation.Questions, relation => relation.Statements, neighbours: 0,
            (fact, other) => other.Subject != fact.Subject && other.Relation != fact.Relation);

    /// <summary>CounterFact: statements; locality is the neighbourhood: other subjects with the same object in the same relation; no edit is about them.</summary>
    /// <param name="world">The world; its objects are the old answers.</param>
    /// <param name="edits">Number of cases, at least 1. Every case keeps enough neighbours that are not edited.</param>
    /// <param name="seed">Draws facts, new answers, rephrasings and locality.</param>
    /// <exception cref="InputException">The world is too small, or too few subjects share an object.</exception>
    public static FactData ToCounterFact(World world, int edits, long seed) =>
        Make(world, edits, new SeededRandom(seed, "world/counterfact"), relation => relation.Statements, relation => relation.Questions, world.Options.LocalityQuestions,
            (fact, other) => other.Subject != fact.Subject && other.Relation == fact.Relation && other.Object == fact.Object);

    private static FactData Make(
        World world,
        int edits,
        SeededRandom random,
        Func<Relation, IReadOnlyList<string>> form,
        Func<Relation, IReadOnlyList<string>> otherForm,
        int neighbours,
        Func<Fact, Fact, bool> isLocal)
    {
        var options = world.Options;
        var relations = world.Relations.ToDictionary(relation => relation.Name);
        string Ask(Fact fact, int phrasing) => form(relations[fact.Relation])[phrasing].Replace("{}", fact.Subject);
        Question Known(Fact fact, int phrasing) => new(Ask(fact, phrasing), fact.Object);
        Question KnownOtherwise(Fact fact, string phrasing) => new(phrasing.Replace("{}", fact.Subject), fact.Object);

        var edited = Draw(world, edits, random, neighbours);
        var editedSubjects = edited.Select(fact => fact.Subject).ToHashSet();
        var untouched = world.Facts.Where(fact => !editedSubjects.Contains(fact.Subject)).ToList();
        var cases = edited.Select((fact, id) => new EditCase
        {
            Id = id,
            Subject = fact.Subject,
            Prompt = Ask(fact, 0),
            TargetOld = fact.Object,
            TargetNew = random.Pick([.. relations[fact.Relation].Objects.Where(other => other != fact.Object)]),
            Rephrases = [.. Some(Enumerable.Range(1, options.Phrasings - 1), options.Rephrases, random).Order().Select(p => Ask(fact, p))],
            Locality = [.. Locality(fact, untouched, options.LocalityQuestions, isLocal, random).Select(other => Known(other, 0))],
        });
        return new FactData
        {
            Cases = [.. cases],
            Knowledge =
            [
                .. world.Facts.SelectMany(fact => Enumerable.Range(0, options.Phrasings).Select(p => Known(fact, p))
                    .Concat(otherForm(relations[fact.Relation]).Take(options.OtherFormPhrasings).Select(phrasing => KnownOtherwise(fact, phrasing)))),
            ],
            Recall = [.. world.Facts.Select(fact => Known(fact, 0))],
            Texts = [],
        };
    }

    // Facts to edit: first of subjects that have no edit yet, then of any. Of the facts that share relation and object with an edited one, so many keep
    // subjects without any edit as neighbours are asked for.
    private static List<Fact> Draw(World world, int edits, SeededRandom random, int neighbours)
    {
        var factsOf = world.Facts.ToLookup(fact => fact.Subject);
        var left = world.Facts.GroupBy(Shared).ToDictionary(group => group.Key, group => group.Count());
        var guarded = new HashSet<(string, string)>();
        var candidates = Some(world.Facts, world.Facts.Count, random);
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
            $"data set from a world: {edits} edits asked for, found room for {edited.Count} among {world.Facts.Count} facts " +
            $"with {neighbours} unedited neighbours each, expected at least 1 edit and no more than there is room for; " +
            "ask for fewer, or raise the world's entities");
    }

    private static (string Relation, string Object) Shared(Fact fact) => (fact.Relation, fact.Object);

    private static List<Fact> Locality(
        Fact fact, List<Fact> untouched, int count, Func<Fact, Fact, bool> isLocal, SeededRandom random)
    {
        var local = Some(untouched.Where(other => isLocal(fact, other)), count, random);
        return local.Count == count ? local : throw new InputException(
            $"data set from a world: found {local.Count} unedited locality questions for '{fact.Subject}', expected {count}; " +
            "ask for fewer edits, or raise the world's entities");
    }

    private static List<T> Some<T>(IEnumerable<T> items, int count, SeededRandom random)
    {
        var shuffled = items.ToList();
        random.Shuffle(shuffled);
        return shuffled[..Math.Min(count, shuffled.Count)];
    }
}
