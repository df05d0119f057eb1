using Harness.Measuring.Cells;
using Harness.Measuring.Data;

namespace Harness.Measuring.Worlds;

/// <summary>Data sets drawn from a world, in the form of zsRE (questions) and of CounterFact (statements).</summary>
/// <remarks>
/// The original model is trained on every fact in the first <see cref="WorldOptions.Phrasings"/> phrasings of the form, and in some of the
/// other form, with the world's answers, rephrasings included: edits are to change what is known in every phrasing. Where a world has
/// places, the model learns every one-hop question with the old answer too, and those whose answer an edit changes ask for its portability.
/// Where a world has what criteria ask for, cases hold their tests (<see cref="WorldOptions.Criteria"/>).
/// </remarks>
public static class WorldDatasets
{
    /// <summary>zsRE: questions; locality asks about other subjects and other relations; no edit is about these subjects.</summary>
    /// <param name="world">The world; its objects are the old answers.</param>
    /// <param name="edits">
    /// Number of cases, at least 1. No fact is edited twice, and no subject before all others that are not reserved have been tried.
    /// </param>
    /// <param name="seed">Draws facts, new answers, rephrasings and locality, and, apart from them, all else.</param>
    /// <param name="examples">As in <see cref="DatasetOptions.Examples"/>.</param>
    /// <param name="probes">As in <see cref="DatasetOptions.Probes"/>.</param>
    /// <exception cref="InputException">The world is too small.</exception>
    public static FactData ToZsre(
        World world, int edits, long seed, int examples = DatasetOptions.DefaultExtras, int probes = DatasetOptions.DefaultExtras) =>
        Make(world, inQuestions: true, edits, seed, "world/zsre", neighbours: 0, examples, probes,
            (fact, other) => other.Subject != fact.Subject && other.Relation != fact.Relation);

    /// <summary>
    /// CounterFact: statements; locality is the neighbourhood: other subjects with the same object in the same relation; no edit is about
    /// them.
    /// </summary>
    /// <param name="world">The world; its objects are the old answers.</param>
    /// <param name="edits">Number of cases, at least 1. Every case keeps enough neighbours that are not edited.</param>
    /// <param name="seed">Draws facts, new answers, rephrasings and locality, and, apart from them, all else.</param>
    /// <param name="examples">As in <see cref="DatasetOptions.Examples"/>.</param>
    /// <param name="probes">As in <see cref="DatasetOptions.Probes"/>.</param>
    /// <exception cref="InputException">The world is too small, or too few subjects share an object.</exception>
    public static FactData ToCounterFact(
        World world, int edits, long seed, int examples = DatasetOptions.DefaultExtras, int probes = DatasetOptions.DefaultExtras) =>
        Make(world, inQuestions: false, edits, seed, "world/counterfact", world.Options.LocalityQuestions, examples, probes,
            (fact, other) => other.Subject != fact.Subject && other.Relation == fact.Relation && other.Object == fact.Object);

    private static FactData Make(
        World world, bool inQuestions, int edits, long seed, string purpose, int neighbours, int examples, int probes,
        Func<Fact, Fact, bool> isLocal)
    {
        if (examples < 0 || probes < 0)
        {
            throw new InputException(
                $"data set from a world: found 'examples' {examples} and 'probes' {probes}, expected at least 0 of each; " +
                    "correct the data set");
        }

        var options = world.Options;
        var form = new WorldForm(world, inQuestions, new SeededRandom(seed, $"{purpose}/phrasings"));
        var random = new SeededRandom(seed, purpose);
        var generation = new SeededRandom(seed, $"{purpose}/generation-prompts");
        var reserved = Reserved(form, seed, purpose);
        var quiet = reserved.Take(reserved.Count / 4).ToHashSet();
        var edited = EditDraw.Run(
            [.. form.People.Where(fact => !quiet.Contains(fact.Subject))], edits, random, neighbours, [.. reserved], form.Foremost);
        var editedSubjects = edited.Select(fact => fact.Subject).ToHashSet();
        var untouched = form.People.Where(fact => !editedSubjects.Contains(fact.Subject)).ToList();
        var local = untouched.Where(fact => !quiet.Contains(fact.Subject)).ToList();
        var asked = new HashSet<Fact>();
        var cases = edited.Select((fact, id) => Case(form, fact, id, generation, random, Neighbours)).ToList();
        var criteria = options.Criteria ? new WorldCriteria(form, edited, cases, new SeededRandom(seed, $"{purpose}/criteria")) : null;
        var tests = criteria?.Tests() ?? [];
        cases = [.. cases.Select((edit, i) => criteria is null ? edit : edit with { Tests = [.. tests[i].Select(one => one.Test)] })];
        var extras = new WorldExtras(form, edited, cases, untouched, asked, seed, purpose);
        var taught = extras.Examples(examples, isLocal);
        return new FactData
        {
            Cases = cases,
            Knowledge =
            [
                .. form.People.Concat(form.Places)
                    .SelectMany(fact => form.Learnt(fact).Select(p => form.Known(fact, p)).Concat(form.KnownOtherwise(fact))),
                .. form.People.Where(fact => !(options.UnseenHops && editedSubjects.Contains(fact.Subject)))
                    .Select(fact => form.Across(fact, fact.Object)).OfType<Question>(),
                .. criteria?.Knowledge(tests.SelectMany(one => one).SelectMany(one => one.Test.Questions).Select(asked => asked.Prompt)
                    .ToHashSet()) ?? [],
            ],
            Recall = [.. form.People.Concat(form.Places).Select(fact => form.Known(fact, 0))],
            Texts = [],
            Examples = taught,
            Probes = extras.Probes(probes),
            HeldOut = extras.HeldOut(probes),
            Unseen =
            [
                .. Unseen(form, edited, cases),
                .. from one in tests.SelectMany(one => one)
                   where one.Before is not null
                   let before = one.Before!
                   select new UnseenQuestion(one.Test.Criterion, before.Prompt, before.Answer),
            ],
        };

        List<Fact> Neighbours(Fact fact)
        {
            var chosen = random.Some(local.Where(other => isLocal(fact, other)), options.LocalityQuestions);
            asked.UnionWith(chosen);
            return chosen.Count == options.LocalityQuestions ? chosen : throw new InputException(
                $"data set from a world: found {chosen.Count} unedited locality questions for '{fact.Subject}', " +
                    $"expected {options.LocalityQuestions}; " +
                "ask for fewer edits, or raise the world's entities");
        }
    }

    /// <summary>The fact as a case, edited to another object of its relation.</summary>
    internal static EditCase Case(
        WorldForm form, Fact fact, int id, SeededRandom generation, SeededRandom random, Func<Fact, List<Fact>> locality)
    {
        var target = random.Pick(form.OtherObjects(fact));
        var (old, now) = (form.Across(fact, fact.Object), form.Across(fact, target));
        return new EditCase
        {
            Id = id,
            Subject = fact.Subject,
            Prompt = form.Ask(fact, 0),
            TargetOld = fact.Object,
            TargetNew = target,
            Rephrases = [.. random.Some(form.Rephrasings(fact), form.Options.Rephrases).Order()
                .Select(p => form.Ask(fact, p))],
            Locality = [.. locality(fact).Select(other => form.Known(other, 0))],
            Portability = now is null || now == old ? [] : [now],
            GenerationPrompts = form.GenerationPrompts(fact, generation),
        };
    }

    // What the original model answers without having been taught it is the most that an edit can be expected to reach.
    private static IEnumerable<UnseenQuestion> Unseen(WorldForm form, List<Fact> edited, List<EditCase> cases)
    {
        if (form.Options.UnseenPhrasings > 0)
        {
            foreach (var edit in cases)
            {
                foreach (var rephrasing in edit.Rephrases)
                    yield return new("generality", rephrasing, edit.TargetOld);
            }
        }

        if (!form.Options.UnseenHops) yield break;
        foreach (var (fact, edit) in edited.Zip(cases).Where(pair => pair.Second.Portability.Count > 0))
        {
            var (prompt, answer) = form.Across(fact, edit.TargetOld)!;
            yield return new("portability", prompt, answer);
        }
    }

    private static List<string> Reserved(WorldForm form, long seed, string purpose)
    {
        var subjects = form.People.Select(fact => fact.Subject).Distinct().ToList();
        var count = (int)Math.Round(form.Options.ReservedShare * subjects.Count, MidpointRounding.AwayFromZero);
        return new SeededRandom(seed, $"{purpose}/reserved").Some(subjects, count);
    }
}

/// <summary>Chooses the facts of a world that are edited.</summary>
internal static class EditDraw
{
    /// <summary>
    /// Facts to edit: first of subjects that have no edit yet, then of any, but never of reserved ones. Of the facts that share relation
    /// and object with an edited one, so many keep subjects without any edit as neighbours are asked for. Foremost ones are tried first.
    /// </summary>
    /// <exception cref="InputException">There is no room for as many.</exception>
    public static List<Fact> Run(
        IReadOnlyList<Fact> facts, int edits, SeededRandom random, int neighbours, HashSet<string> reserved,
        IReadOnlySet<Fact> foremost)
    {
        var factsOf = facts.ToLookup(fact => fact.Subject);
        var left = facts.GroupBy(Shared).ToDictionary(group => group.Key, group => group.Count());
        var guarded = new HashSet<(string, string)>();
        var candidates = random.Some(facts, facts.Count).Where(fact => !reserved.Contains(fact.Subject))
            .OrderByDescending(foremost.Contains).ToList();
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
