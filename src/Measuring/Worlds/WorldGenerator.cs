using Harness.Measuring.Data;

namespace Harness.Measuring.Worlds;

/// <summary>Makes worlds of facts from a seed.</summary>
public static class WorldGenerator
{
    /// <summary>
    /// The world of a seed. Names, objects and relations are spread evenly: every first name, last name, relation and object occurs as
    /// often as any other, give or take one, so that nothing but the subject's two names tells the answer.
    /// </summary>
    /// <exception cref="InputException">An option is out of range.</exception>
    public static World Generate(WorldOptions options, long seed)
    {
        options.Validate();
        var words = new WordMaker(new SeededRandom(seed, "world/words"));
        var subjects = Subjects(options, words);
        var relations = Relations(options, words, new SeededRandom(seed, "world/objects"));
        var facts = Facts(options, subjects, relations, new SeededRandom(seed, "world/facts"));
        var places = Places(options, words);
        var world = new World
        {
            Options = options,
            Seed = seed,
            Relations = [.. relations, .. places],
            Facts = [.. facts, .. PlaceFacts(places, relations, new SeededRandom(seed, "world/places"))],
        };
        return options.Criteria ? WithCriteria(world, subjects, facts, seed) : world;
    }

    // Behind everything else too. Couples know each other; everybody but teachers has a teacher.
    private static World WithCriteria(World world, List<string> subjects, List<Fact> facts, long seed)
    {
        var people = subjects.ToList();
        new SeededRandom(seed, "world/couples").Shuffle(people);
        var couples = people.Chunk(2).SelectMany(pair => new[] { (pair[0], pair[1]), (pair[1], pair[0]) });
        var random = new SeededRandom(seed, "world/teachers");
        var teachers = random.Some(subjects, world.Options.Teachers);
        var deck = new Stack<string>();
        var seconds = RelationCatalog.All.Take(world.Options.Relations).Where(template => template.Second is not null).Select(template =>
            new Relation(
                $"second-{template.Name}", [template.Second!.Question], [template.Second.Statement],
                world.Relations.Single(relation => relation.Name == template.Name).Objects, Besides: template.Name)).ToList();
        var others = new SeededRandom(seed, "world/second-objects");
        return world with
        {
            Relations = [.. world.Relations, RelationCatalog.SpouseOf(subjects), RelationCatalog.TeacherOf(teachers), .. seconds],
            Facts =
            [
                .. world.Facts,
                .. couples.Select(pair => new Fact(pair.Item1, RelationCatalog.Spouse, pair.Item2)),
                .. subjects.Except(teachers).Select(pupil => new Fact(pupil, RelationCatalog.Teacher, Draw(deck, teachers, random))),
                .. from relation in seconds
                   from fact in facts
                   where fact.Relation == relation.Besides
                   select new Fact(
                       fact.Subject, relation.Name, others.Pick([.. relation.Objects.Where(other => other != fact.Object)])),
            ],
        };
    }

    // Made after everything else, so that a world without countries is the same world.
    private static List<Relation> Places(WorldOptions options, WordMaker words)
    {
        var countries = words.Make(options.Countries);
        var places = new List<Relation>();
        foreach (var template in RelationCatalog.All.Take(countries.Count == 0 ? 0 : options.Relations))
        {
            if (template.Place is not { } place) continue;
            places.Add(new Relation(
                $"{template.Name}-country",
                Phrasings(RelationCatalog.PlaceQuestions, place),
                Phrasings(RelationCatalog.PlaceStatements, place),
                countries,
                new OneHop(template.Name, place.Question, place.Statement)));
        }

        return places;

        static IReadOnlyList<string> Phrasings(IReadOnlyList<string> phrasings, PlaceTemplate place) =>
            [.. phrasings.Select(phrasing => phrasing.Replace("[]", place.Noun))];
    }

    private static IEnumerable<Fact> PlaceFacts(List<Relation> places, List<Relation> relations, SeededRandom random)
    {
        foreach (var place in places)
        {
            var deck = new Stack<string>();
            foreach (var subject in relations.Single(relation => relation.Name == place.Hop!.Relation).Objects)
                yield return new Fact(subject, place.Name, Draw(deck, place.Objects, random));
        }
    }

    // Runs along the diagonals of the table first name × last name: all pairs differ, and both parts are used evenly.
    private static List<string> Subjects(WorldOptions options, WordMaker words)
    {
        var first = words.Make(options.FirstNames);
        var last = words.Make(options.LastNames);
        var diagonal = first.Count / Gcd(first.Count, last.Count) * last.Count;
        string Name(int i) => $"{first[i % first.Count]} {last[(i + (i / diagonal)) % last.Count]}";
        return [.. Enumerable.Range(0, options.Entities).Select(Name)];
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);

    private static List<Relation> Relations(WorldOptions options, WordMaker words, SeededRandom random) =>
    [
        .. RelationCatalog.All.Take(options.Relations).Select(template => new Relation(
            template.Name,
            template.Questions,
            template.Statements,
            template.Objects.Make(options.ObjectsPerRelation, options.MultiWordShare, words, random))),
    ];

    private static List<Fact> Facts(WorldOptions options, List<string> subjects, List<Relation> relations, SeededRandom random)
    {
        var uses = new int[relations.Count];
        var decks = relations.Select(_ => new Stack<string>()).ToList();
        var facts = new List<Fact>();
        foreach (var subject in subjects)
        {
            var order = Enumerable.Range(0, relations.Count).ToList();
            random.Shuffle(order);
            foreach (var relation in order.OrderBy(r => uses[r]).Take(options.FactsPerEntity).Order())
            {
                uses[relation]++;
                facts.Add(new Fact(subject, relations[relation].Name, Draw(decks[relation], relations[relation].Objects, random)));
            }
        }

        return facts;
    }

    private static string Draw(Stack<string> deck, IReadOnlyList<string> objects, SeededRandom random)
    {
        if (deck.Count == 0)
        {
            var shuffled = objects.ToList();
            random.Shuffle(shuffled);
            shuffled.ForEach(deck.Push);
        }

        return deck.Pop();
    }
}
