using Harness.Measuring.Data;

namespace Harness.Measuring.Worlds;

/// <summary>
/// What a data set holds beside its cases, from facts that are not edited. Each part is drawn on its own, so that none changes another.
/// </summary>
/// <param name="form">The world in the data set's form.</param>
/// <param name="edited">The edited facts.</param>
/// <param name="cases">Their cases.</param>
/// <param name="untouched">The facts about people whom no edit is about.</param>
/// <param name="asked">Those of them that locality asks for.</param>
/// <param name="seed">Draws everything.</param>
/// <param name="purpose">The data set's purpose, before that of each part.</param>
internal sealed class WorldExtras(
    WorldForm form, List<Fact> edited, List<EditCase> cases, List<Fact> untouched, HashSet<Fact> asked, long seed, string purpose)
{
    private readonly HashSet<Fact> taught = [];

    /// <summary>
    /// Examples, of people whom neither an edit nor a locality question is about, then of others whom no edit is about, but no fact that
    /// locality asks for. Their locality is that of the cases, and, where nothing is that near, any fact of other subjects and relations.
    /// </summary>
    public IReadOnlyList<EditCase> Examples(int count, Func<Fact, Fact, bool> isLocal)
    {
        var random = Random("examples");
        var generation = Random("examples/generation-prompts");
        var named = asked.Select(fact => fact.Subject).ToHashSet();
        var facts = random.Some(untouched.Where(fact => !named.Contains(fact.Subject)), count);
        facts.AddRange(random.Some(untouched.Where(fact => named.Contains(fact.Subject) && !asked.Contains(fact)), count - facts.Count));
        taught.UnionWith(facts);
        return [.. facts.Select((fact, id) => WorldDatasets.Case(form, fact, id, generation, random, Neighbours))];

        List<Fact> Neighbours(Fact fact)
        {
            var questions = form.Options.LocalityQuestions;
            var local = random.Some(untouched.Where(other => isLocal(fact, other)), questions);
            return local.Count > 0 ? local : random.Some(
                untouched.Where(other => other.Subject != fact.Subject && other.Relation != fact.Relation), questions);
        }
    }

    /// <summary>
    /// Probes of each kind, none of a fact that is an example. Where every relation is edited, facts of people whom no edit is about count
    /// as unrelated when no edit takes their object away or brings it, and as of the same relation otherwise; facts about places are
    /// unrelated when no edit has to do with the place.
    /// </summary>
    public IReadOnlyList<ProbeQuestion> Probes(int count)
    {
        var subjects = edited.Select(fact => fact.Subject).ToHashSet();
        var known = edited.ToHashSet();
        var relations = edited.Select(fact => fact.Relation).ToHashSet();
        var objects = edited.Zip(cases, (fact, edit) => new[] { (fact.Relation, edit.TargetOld), (fact.Relation, edit.TargetNew) })
            .SelectMany(pair => pair).ToHashSet();
        var names = objects.Select(pair => pair.Item2).ToHashSet();
        var free = untouched.Where(fact => !taught.Contains(fact)).ToList();
        var everyRelation = form.People.All(fact => relations.Contains(fact.Relation));
        var isNear = (Fact fact) => everyRelation ? objects.Contains((fact.Relation, fact.Object)) : relations.Contains(fact.Relation);
        return
        [
            .. Draw(ProbeKinds.SameSubject, form.People.Where(fact => subjects.Contains(fact.Subject) && !known.Contains(fact))),
            .. Draw(ProbeKinds.SameRelation, free.Where(isNear)),
            .. Draw(ProbeKinds.Unrelated,
                free.Where(fact => !isNear(fact)).Concat(form.Places.Where(fact => !names.Contains(fact.Subject)))),
        ];

        IEnumerable<ProbeQuestion> Draw(string kind, IEnumerable<Fact> facts)
        {
            var random = Random($"probes/{kind}");
            return random.Some(facts, count).Select(fact => new ProbeQuestion(
                kind, form.Ask(fact, 0), fact.Object, random.Some(form.OtherObjects(fact), ProbeKinds.Distractors))
            {
                Subject = fact.Subject,
            });
        }
    }

    /// <summary>Sentences of facts that are neither edited nor examples.</summary>
    public IReadOnlyList<string> HeldOut(int count) =>
        [.. Random("held-out").Some(untouched.Where(fact => !taught.Contains(fact)), count).Select(form.Sentence)];

    private SeededRandom Random(string part) => new(seed, $"{purpose}/{part}");
}
