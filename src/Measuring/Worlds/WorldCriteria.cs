using Harness.Measuring.Data;

namespace Harness.Measuring.Worlds;

/// <summary>A test, and the question that it would ask if nothing were edited; null where the model was taught that one.</summary>
internal sealed record WorldTest(CriterionTest Test, Question? Before);

/// <summary>
/// Tests of the six criteria of RippleEdits (Cohen et al. 2024, section 3) of the cases of a world that has what they ask for, and what the
/// original model is taught of it. What is asked of people who are edited it is not taught, nor any question that a test asks by way of
/// others.
/// </summary>
/// <param name="form">The world in the data set's form.</param>
/// <param name="edited">The edited facts.</param>
/// <param name="cases">Their cases.</param>
/// <param name="random">Draws pupils and other relations.</param>
internal sealed class WorldCriteria(WorldForm form, List<Fact> edited, List<EditCase> cases, SeededRandom random)
{
    private const int Asked = 2;
    private readonly HashSet<string> people = [.. edited.Select(fact => fact.Subject)];
    private readonly ILookup<string, Fact> pupils =
        form.People.Where(fact => fact.Relation == RelationCatalog.Teacher).ToLookup(fact => fact.Object);

    /// <summary>The cases' tests, in their order.</summary>
    public IReadOnlyList<IReadOnlyList<WorldTest>> Tests() => [.. edited.Zip(cases, (fact, edit) => Of(fact, edit).ToList())];

    /// <summary>What the original model is taught besides.</summary>
    /// <param name="asked">Prompts of tests.</param>
    public IEnumerable<Question> Knowledge(IReadOnlySet<string> asked)
    {
        // Every second object in one form, and in the other those of people whom no edit is about.
        var seconds = form.People.Select(fact => form.Second(fact, fact.Object, otherForm: true))
            .Concat(form.People.Where(fact => !people.Contains(fact.Subject)).Select(fact => form.Second(fact, fact.Object)));
        var untouched = form.People.Where(fact => !people.Contains(fact.Subject)).ToList();
        var names = untouched.Select(form.ByOtherName);
        var ways = untouched.Where(fact => fact.Relation == RelationCatalog.Teacher)
            .SelectMany(fact => Own(fact.Object).Select(own => form.ByWayOf(fact.Subject, own)));
        return seconds.OfType<Question>().Concat(names).Concat(ways).Where(question => !asked.Contains(question.Prompt));
    }

    private IEnumerable<WorldTest> Of(Fact fact, EditCase edit)
    {
        var now = fact with { Object = edit.TargetNew };
        foreach (var question in edit.Portability) yield return Test(Criteria.CompositionalityI, question, form.Across(fact, fact.Object)!);
        if (fact.Relation == RelationCatalog.Teacher && OfBoth(fact.Object, now.Object) is var (before, after))
        {
            yield return Test(
                Criteria.CompositionalityI, form.ByWayOf(fact.Subject, after), form.ByWayOf(fact.Subject, before));
        }

        if (fact.Relation is not (RelationCatalog.Teacher or RelationCatalog.Spouse))
        {
            foreach (var pupil in random.Some(pupils[fact.Subject].Where(one => !people.Contains(one.Subject)), Asked))
                yield return Test(Criteria.CompositionalityII, form.ByWayOf(pupil.Subject, now), form.ByWayOf(pupil.Subject, fact));
        }

        yield return Test(Criteria.SubjectAliasing, form.ByOtherName(now), form.ByOtherName(fact));
        if (fact.Relation == RelationCatalog.Spouse && IsOnlyEdit(fact, now))
            yield return Test(Criteria.LogicalGeneralisation, Inverse(fact.Subject, now.Object), Inverse(fact.Subject, fact.Object));
        if (form.Second(fact, now.Object) is { } second && second.Answer != now.Object)
            yield return Test(Criteria.Preservation, second, second);
        foreach (var other in random.Some(Own(fact.Subject).Except(edited), Asked))
            yield return new(new(Criteria.RelationSpecificity, [form.Known(other, 0)]), null);
    }

    // Facts of one relation about two people, of which they differ.
    private (Fact Before, Fact After)? OfBoth(string one, string other) => (
        from before in Own(one)
        from after in Own(other)
        where before.Relation == after.Relation && before.Object != after.Object
        select ((Fact, Fact)?)(before, after)).FirstOrDefault();

    // In the words of the catalogue, not about other people.
    private IEnumerable<Fact> Own(string person) =>
        form.Of(person).Where(fact => fact.Relation is not (RelationCatalog.Teacher or RelationCatalog.Spouse));

    // Whether nothing else says whom the new spouse is married to.
    private bool IsOnlyEdit(Fact fact, Fact now) => edited.Zip(cases).Count(pair => pair.First.Relation == fact.Relation
        && (pair.First.Subject == now.Object || pair.Second.TargetNew == now.Object)) == 1;

    // In a phrasing that the spouse's own fact was not learnt in.
    private Question Inverse(string person, string spouse)
    {
        var known = form.Of(spouse).Single(fact => fact.Relation == RelationCatalog.Spouse);
        return new(form.Ask(known, form.Rephrasings(known).First()), person);
    }

    private static WorldTest Test(string criterion, Question question, Question before) => new(new(criterion, [question]), before);
}
