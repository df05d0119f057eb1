using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harness.Measuring.Worlds;

/// <summary>A relation of a world.</summary>
/// <param name="Name">Kebab-case name.</param>
/// <param name="Questions">Phrasings as questions; <c>{}</c> stands for the subject. The first is the edit prompt.</param>
/// <param name="Statements">Phrasings as statements that end right before the answer.</param>
/// <param name="Objects">Every answer that the relation can have.</param>
/// <param name="Hop">Null for a relation of people; else this one is about the objects of another, one hop away from people.</param>
/// <param name="Besides">
/// Null, or the relation of which this one tells a second object of the same person: <c>[]</c> in its phrasings stands for the first.
/// </param>
public sealed record Relation(
    string Name,
    IReadOnlyList<string> Questions,
    IReadOnlyList<string> Statements,
    IReadOnlyList<string> Objects,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] OneHop? Hop = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Besides = null);

/// <summary>How a relation of objects is reached from people.</summary>
/// <param name="Relation">The relation of people whose objects are the subjects.</param>
/// <param name="Question">Asks across both relations; <c>{}</c> stands for the person.</param>
/// <param name="Statement">The same as a statement that ends right before the answer.</param>
public sealed record OneHop(string Relation, string Question, string Statement);

/// <summary>One fact: the subject has exactly one object in the relation.</summary>
/// <param name="Subject">"First Last", or the object of a place relation.</param>
/// <param name="Relation">Name of the relation.</param>
/// <param name="Object">One of the relation's objects.</param>
public sealed record Fact(string Subject, string Relation, string Object);

/// <summary>A synthetic world of facts.</summary>
public sealed record World
{
    /// <summary>What it was generated from.</summary>
    public required WorldOptions Options { get; init; }

    /// <summary>The seed that it was generated from.</summary>
    public required long Seed { get; init; }

    /// <summary>
    /// The relations of people, in catalogue order, then those of their objects, then those between people, then those of second objects.
    /// </summary>
    public required IReadOnlyList<Relation> Relations { get; init; }

    /// <summary>
    /// The facts: those about people by subject, then relation, then those about objects, between people, and of second objects.
    /// </summary>
    public required IReadOnlyList<Fact> Facts { get; init; }

    /// <summary>Writes one line of canonical JSON: the same world gives the same bytes.</summary>
    public void Save(string file) => File.WriteAllText(file, CanonicalJson.ToText(this) + "\n");

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InputException">The file is absent, is not a world, or contradicts itself.</exception>
    public static World Load(string file)
    {
        World world;
        try
        {
            world = CanonicalJson.FromText<World>(File.ReadAllText(file));
        }
        catch (Exception cause) when (cause is IOException or JsonException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: found no readable world ({cause.Message}), expected a file written by World.Save; " +
                "generate it again", cause);
        }

        world.Check(file);
        return world;
    }

    private void Check(string file)
    {
        InputException Error(string found, string expected) => new($"{file}: found {found}, expected {expected}; generate the world again");

        Options.Validate();
        var objects = new Dictionary<string, HashSet<string>>();
        foreach (var relation in Relations)
        {
            if (!objects.TryAdd(relation.Name, [.. relation.Objects])) throw Error($"relation '{relation.Name}' twice", "it once");
            foreach (var phrasings in new[] { relation.Questions, relation.Statements })
            {
                if (relation.Besides is null && phrasings.Count < Options.Phrasings)
                {
                    throw Error($"{phrasings.Count} phrasings of '{relation.Name}'", $"at least {Options.Phrasings}");
                }

                var bad = phrasings.FirstOrDefault(phrasing => phrasing.Split("{}").Length != 2);
                if (bad is not null) throw Error($"phrasing '{bad}'", "one {} for the subject");
            }
        }

        var known = new HashSet<(string, string)>();
        foreach (var fact in Facts)
        {
            var (subject, relation, answer) = fact;
            if (!objects.TryGetValue(relation, out var allowed)) throw Error($"a fact of relation '{relation}'", "a relation of the world");
            if (!allowed.Contains(answer)) throw Error($"object '{answer}' of '{subject}'", $"an object of '{relation}'");
            if (!known.Add((subject, relation))) throw Error($"two facts about '{subject}' and '{relation}'", "one");
        }

        foreach (var place in Relations.Where(relation => relation.Hop is not null))
        {
            if (!objects.TryGetValue(place.Hop!.Relation, out var subjects))
                throw Error($"a hop from '{place.Hop.Relation}'", "a relation of the world");
            var without = subjects.FirstOrDefault(subject => !known.Contains((subject, place.Name)));
            if (without is not null) throw Error($"no fact about '{without}' and '{place.Name}'", "one for every place");
        }
    }
}
