using Harness.Measuring.Worlds;

namespace Harness.Tests.Worlds;

public class WorldGeneratorTests
{
    private static readonly World Default = WorldGenerator.Generate(new WorldOptions(), seed: 7);

    [Fact]
    public void Gives_every_subject_and_relation_one_object_of_that_relation()
    {
        Assert.Equal(600, Default.Facts.Count);
        Assert.Equal(600, Default.Facts.Select(fact => (fact.Subject, fact.Relation)).Distinct().Count());
        var objects = Default.Relations.ToDictionary(relation => relation.Name, relation => relation.Objects);
        Assert.All(Default.Facts, fact => Assert.Contains(fact.Object, objects[fact.Relation]));
    }

    [Fact]
    public void Shares_every_first_and_last_name_so_that_only_the_pair_identifies_a_subject()
    {
        var names = Default.Facts.Select(fact => fact.Subject).Distinct().Select(subject => subject.Split(' ')).ToList();
        Assert.Equal(150, names.Count);
        Assert.All(names, name => Assert.Equal(2, name.Length));
        Assert.All(names.CountBy(name => name[0]), name => Assert.Equal(5, name.Value));
        Assert.All(names.CountBy(name => name[1]), name => Assert.Equal(5, name.Value));
    }

    [Theory]
    [InlineData(48, 4, 12)]
    [InlineData(48, 12, 4)]
    [InlineData(150, 10, 15)]
    public void Finds_different_pairs_up_to_the_full_table_of_names(int entities, int first, int last)
    {
        var world = WorldGenerator.Generate(new WorldOptions { Entities = entities, FirstNames = first, LastNames = last }, seed: 1);
        Assert.Equal(entities, world.Facts.Select(fact => fact.Subject).Distinct().Count());
    }

    [Fact]
    public void Uses_every_relation_and_object_equally_often()
    {
        Assert.All(Default.Facts.CountBy(fact => fact.Relation), relation => Assert.Equal(60, relation.Value));
        Assert.All(Default.Facts.CountBy(fact => (fact.Relation, fact.Object)), group => Assert.Equal(3, group.Value));
    }

    [Fact]
    public void Makes_the_asked_share_of_objects_two_words_long() =>
        Assert.All(Default.Relations, relation => Assert.Equal(6, relation.Objects.Count(name => name.Contains(' '))));

    [Fact]
    public void No_object_is_the_beginning_of_another_even_with_all_forty()
    {
        var options = new WorldOptions { ObjectsPerRelation = RelationCatalog.MaxObjects };
        foreach (var relation in Enumerable.Range(0, 5).SelectMany(seed => WorldGenerator.Generate(options, seed).Relations))
        {
            var objects = relation.Objects;
            Assert.Equal(RelationCatalog.MaxObjects, objects.Distinct().Count());
            Assert.All(objects, a => Assert.DoesNotContain(objects, b => a != b && b.StartsWith(a, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Every_phrasing_holds_the_subject_once_and_differs_from_all_others()
    {
        Assert.All(Default.Relations, relation =>
        {
            Assert.Equal(RelationCatalog.PhrasingsPerForm, relation.Questions.Count);
            Assert.Equal(RelationCatalog.PhrasingsPerForm, relation.Statements.Count);
            Assert.All(relation.Questions, question => Assert.EndsWith("?", question));
        });
        var phrasings = Default.Relations.SelectMany(relation => relation.Questions.Concat(relation.Statements)).ToList();
        Assert.All(phrasings, phrasing => Assert.Equal(2, phrasing.Split("{}").Length));
        Assert.All(phrasings, phrasing => Assert.Equal(phrasing.Trim(), phrasing));
        Assert.Equal(phrasings.Count, phrasings.Distinct().Count());
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_another_world()
    {
        Assert.Equal(CanonicalJson.ToText(Default), CanonicalJson.ToText(WorldGenerator.Generate(new WorldOptions(), seed: 7)));
        var other = WorldGenerator.Generate(new WorldOptions(), seed: 8);
        Assert.Empty(Default.Facts.Select(fact => fact.Subject).Intersect(other.Facts.Select(fact => fact.Subject)));
    }

    [Fact]
    public void Places_lie_in_countries_evenly_and_leave_the_rest_of_the_world_as_it_was()
    {
        var world = WorldGenerator.Generate(new WorldOptions { Countries = 4 }, seed: 7);
        Assert.Equal(Default.Facts, world.Facts.Take(Default.Facts.Count));
        Assert.Equal(Default.Relations.Select(CanonicalJson.ToText),
            world.Relations.Take(Default.Relations.Count).Select(CanonicalJson.ToText));
        var places = world.Relations.Skip(Default.Relations.Count).ToList();
        Assert.Equal(["birthplace-country", "employer-country", "team-country", "school-country"], places.Select(place => place.Name));
        Assert.All(places, place =>
        {
            Assert.Equal(RelationCatalog.PhrasingsPerForm, place.Questions.Distinct().Count());
            Assert.Equal(RelationCatalog.PhrasingsPerForm, place.Statements.Distinct().Count());
            Assert.All(place.Questions.Concat(place.Statements).Append(place.Hop!.Question).Append(place.Hop.Statement), phrasing =>
            {
                Assert.Equal(2, phrasing.Split("{}").Length);
                Assert.DoesNotContain("[]", phrasing);
            });
            var facts = world.Facts.Where(fact => fact.Relation == place.Name).ToList();
            Assert.Equal(world.Relations.Single(relation => relation.Name == place.Hop.Relation).Objects,
                facts.Select(fact => fact.Subject));
            Assert.All(facts.CountBy(fact => fact.Object), country => Assert.Equal(5, country.Value));
        });
    }

    [Fact]
    public void Options_for_many_edits_and_portability_have_ranges()
    {
        var options = new WorldOptions { ReservedShare = 1, Countries = 1, GenerationPrompts = 6 };
        Assert.Equal(
            "world options: 'reserved-share' is 1, expected 0 to below 1; 'countries' is 1, expected 2 to 40, or 0 for none; " +
            "'generation-prompts' is 6, expected 0 to 5; correct the experiment's world",
            Assert.Throws<InputException>(options.Validate).Message);
    }

    [Fact]
    public void Out_of_range_options_are_reported_together()
    {
        var options = new WorldOptions
        {
            Entities = 59,
            FactsPerEntity = 11,
            ObjectsPerRelation = 41,
            MultiWordShare = double.NaN,
            Phrasings = 2,
        };
        var error = Assert.Throws<InputException>(() => WorldGenerator.Generate(options, seed: 1));
        Assert.Equal(
            "world options: 'entities' is 59, expected 60 to 900 (names shared, pairs not); 'facts-per-entity' is 11, expected 1 to 10; " +
            "'objects-per-relation' is 41, expected 2 to 40; 'multi-word-share' is NaN, expected 0 to 1; " +
            "'phrasings' is 2, expected 3 to 6 (the edit prompt and its rephrasings); correct the experiment's world",
            error.Message);
    }
}
