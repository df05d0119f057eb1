using Harness.Measuring.Data;

namespace Harness.Measuring.Worlds;

/// <summary>A world as a data set asks about it: in questions, or in statements.</summary>
/// <param name="world">The world.</param>
/// <param name="inQuestions">Whether the edits are questions.</param>
/// <param name="random">Draws the phrasings that each fact is learnt in, where not all are.</param>
internal sealed class WorldForm(World world, bool inQuestions, SeededRandom random)
{
    private readonly Dictionary<string, Relation> relations = world.Relations.ToDictionary(relation => relation.Name);
    private readonly Dictionary<string, Relation> places =
        world.Relations.Where(relation => relation.Hop is not null).ToDictionary(relation => relation.Hop!.Relation);

    private readonly Dictionary<string, Relation> seconds =
        world.Relations.Where(relation => relation.Besides is not null).ToDictionary(relation => relation.Besides!);

    private readonly ILookup<string, Fact> factsOf = Facts(world, place: false).ToLookup(fact => fact.Subject);

    private readonly Dictionary<(string Subject, string Relation), string> objects =
        world.Facts.ToDictionary(fact => (fact.Subject, fact.Relation), fact => fact.Object);

    private readonly Dictionary<Fact, int[]> phrasings = world.Facts.ToDictionary(fact => fact, fact => Phrasings(world.Options, random));

    /// <summary>The world's options.</summary>
    public WorldOptions Options => world.Options;

    /// <summary>Facts about people: those that may be edited.</summary>
    public IReadOnlyList<Fact> People { get; } = Facts(world, place: false);

    /// <summary>Facts that edits go to first: those of teachers, but whom they are married to. None in a world without.</summary>
    public IReadOnlySet<Fact> Foremost
    {
        get
        {
            var teachers = relations.GetValueOrDefault(RelationCatalog.Teacher)?.Objects.ToHashSet() ?? [];
            return People.Where(fact => fact.Relation != RelationCatalog.Spouse && teachers.Contains(fact.Subject)).ToHashSet();
        }
    }

    /// <summary>Facts about the objects of others.</summary>
    public IReadOnlyList<Fact> Places { get; } = Facts(world, place: true);

    /// <summary>Every fact about a person.</summary>
    public IEnumerable<Fact> Of(string person) => factsOf[person];

    /// <summary>The objects of a fact's relation but its own, and but the person that it is about.</summary>
    public IReadOnlyList<string> OtherObjects(Fact fact) =>
        [.. relations[fact.Relation].Objects.Where(other => other != fact.Object && other != fact.Subject)];

    /// <summary>The prompt of a fact.</summary>
    public string Ask(Fact fact, int phrasing = 0) => Form(relations[fact.Relation])[phrasing].Replace("{}", fact.Subject);

    /// <summary>A fact as it is known.</summary>
    public Question Known(Fact fact, int phrasing) => new(Ask(fact, phrasing), fact.Object);

    /// <summary>The phrasings that a fact is learnt in: the edit prompt first.</summary>
    public IEnumerable<int> Learnt(Fact fact) => phrasings[fact].Take(Options.Phrasings);

    /// <summary>The phrasings that a fact's rephrasings are drawn from: those it is not learnt in, if any.</summary>
    public IEnumerable<int> Rephrasings(Fact fact) => phrasings[fact].Skip(Options.UnseenPhrasings > 0 ? Options.Phrasings : 1);

    /// <summary>A fact in phrasings of the other form.</summary>
    public IEnumerable<Question> KnownOtherwise(Fact fact) =>
        (inQuestions ? relations[fact.Relation].Statements : relations[fact.Relation].Questions)
        .Take(Options.OtherFormPhrasings).Select(phrasing => new Question(phrasing.Replace("{}", fact.Subject), fact.Object));

    /// <summary>The fact as a sentence, a statement where the original model knows statements.</summary>
    public string Sentence(Fact fact)
    {
        var phrasings = !inQuestions || Options.OtherFormPhrasings > 0 ? relations[fact.Relation].Statements
            : relations[fact.Relation].Questions;
        return $"{phrasings[0].Replace("{}", fact.Subject)} {fact.Object}.";
    }

    /// <summary>
    /// What is asked of the subject across its object, with the answer for an object of the relation; null where there is no hop.
    /// </summary>
    public Question? Across(Fact fact, string answer) => places.TryGetValue(fact.Relation, out var place)
        ? new((inQuestions ? place.Hop!.Question : place.Hop!.Statement).Replace("{}", fact.Subject), objects[(answer, place.Name)])
        : null;

    /// <summary>
    /// What is asked for besides the fact's object, or besides another that takes its place, with the answer; null where there is one
    /// object alone.
    /// </summary>
    /// <param name="fact">The fact.</param>
    /// <param name="first">The object that is named.</param>
    /// <param name="otherForm">Whether it is asked in the other form.</param>
    public Question? Second(Fact fact, string first, bool otherForm = false)
    {
        if (!seconds.TryGetValue(fact.Relation, out var second)) return null;
        var phrasing = (inQuestions != otherForm ? second.Questions : second.Statements)[0];
        return new(phrasing.Replace("[]", first).Replace("{}", fact.Subject), objects[(fact.Subject, second.Name)]);
    }

    /// <summary>A teacher's fact as it is asked by way of a pupil, who is not asked for the teacher.</summary>
    public Question ByWayOf(string pupil, Fact fact)
    {
        var asked = Ask(fact with { Subject = $"the teacher of {pupil}" });
        return new($"{char.ToUpperInvariant(asked[0])}{asked[1..]}", fact.Object);
    }

    /// <summary>A fact with the person's name the other way round, as in an index.</summary>
    public Question ByOtherName(Fact fact)
    {
        var names = fact.Subject.Split(' ');
        return new(Ask(fact with { Subject = $"{names[1]}, {names[0]}" }), fact.Object);
    }

    /// <summary>Some of the relation's statements but the first, about the fact's subject.</summary>
    public IReadOnlyList<string> GenerationPrompts(Fact fact, SeededRandom random) =>
        [.. random.Some(Enumerable.Range(1, relations[fact.Relation].Statements.Count - 1), Options.GenerationPrompts).Order()
            .Select(phrasing => relations[fact.Relation].Statements[phrasing].Replace("{}", fact.Subject))];

    private IReadOnlyList<string> Form(Relation relation) => inQuestions ? relation.Questions : relation.Statements;

    private static int[] Phrasings(WorldOptions options, SeededRandom random)
    {
        var others = Enumerable.Range(1, options.Phrasings + options.UnseenPhrasings - 1);
        return options.UnseenPhrasings > 0 ? [0, .. random.Some(others, int.MaxValue)] : [0, .. others];
    }

    private static List<Fact> Facts(World world, bool place)
    {
        var names = world.Relations.Where(relation => relation.Besides is null && (relation.Hop is not null) == place)
            .Select(relation => relation.Name).ToHashSet();
        return [.. world.Facts.Where(fact => names.Contains(fact.Relation))];
    }
}
