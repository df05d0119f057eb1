using Harness.Measuring.Data;
using Harness.Measuring.Worlds;

namespace Harness.Tests.Worlds;

public class WorldDatasetsTests
{
    private const int Edits = 100;

    private static readonly World World =
        WorldGenerator.Generate(new WorldOptions { Entities = 250, Phrasings = 3, OtherFormPhrasings = 2 }, seed: 11);
    private static readonly FactData Zsre = WorldDatasets.ToZsre(World, Edits, seed: 1);
    private static readonly FactData CounterFact = WorldDatasets.ToCounterFact(World, Edits, seed: 1);

    public static TheoryData<string> Both => ["zsre", "counterfact"];

    [Theory]
    [MemberData(nameof(Both))]
    public void Edits_each_subject_once_and_to_another_object_of_the_same_relation(string schema)
    {
        var data = Data(schema);
        Assert.Equal(Enumerable.Range(0, Edits), data.Cases.Select(edit => edit.Id));
        Assert.Equal(Edits, data.Cases.Select(edit => edit.Subject).Distinct().Count());
        Assert.All(data.Cases, edit =>
        {
            Assert.Contains(edit.Subject, edit.Prompt);
            Assert.NotEqual(edit.TargetOld, edit.TargetNew);
            Assert.Equal(RelationOf(edit.TargetOld), RelationOf(edit.TargetNew));
        });
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void The_original_model_learns_every_fact_in_three_phrasings_and_two_of_the_other_form_with_the_old_answer(string schema)
    {
        var data = Data(schema);
        Assert.Equal(5000, data.Knowledge.Count);
        Assert.Equal(5000, data.Knowledge.Select(question => question.Prompt).Distinct().Count());
        Assert.Equal(1000, data.Recall.Count);
        Assert.Empty(data.Recall.Except(data.Knowledge));
        Assert.Empty(data.Texts);
        Assert.All(data.Cases, edit =>
        {
            Assert.Contains(new Question(edit.Prompt, edit.TargetOld), data.Recall);
            Assert.Equal(2, edit.Rephrases.Distinct().Count());
            Assert.All(edit.Rephrases, rephrase => Assert.NotEqual(edit.Prompt, rephrase));
            Assert.All(edit.Rephrases, rephrase => Assert.Contains(new Question(rephrase, edit.TargetOld), data.Knowledge));
        });
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Locality_asks_what_is_known_of_subjects_that_no_case_edits(string schema)
    {
        var data = Data(schema);
        var edited = data.Cases.Select(edit => edit.Subject).ToList();
        Assert.All(data.Cases, edit =>
        {
            Assert.Equal(2, edit.Locality.Distinct().Count());
            Assert.All(edit.Locality, question => Assert.Contains(question, data.Recall));
            Assert.All(edit.Locality,
                question => Assert.DoesNotContain(edited, subject => question.Prompt.Contains(subject, StringComparison.Ordinal)));
        });
    }

    [Fact]
    public void Zsre_asks_questions_and_its_locality_is_of_other_relations()
    {
        Assert.All(Zsre.Recall, question => Assert.EndsWith("?", question.Prompt));
        Assert.Equal(3000, Zsre.Knowledge.Count(question => question.Prompt.EndsWith('?')));
        Assert.All(Zsre.Cases, edit =>
            Assert.All(edit.Locality, question => Assert.NotEqual(RelationOf(edit.TargetOld), RelationOf(question.Answer))));
    }

    [Fact]
    public void CounterFact_neighbours_share_the_relation_and_the_true_object()
    {
        Assert.All(CounterFact.Recall, question => Assert.False(question.Prompt.EndsWith('?')));
        Assert.Equal(2000, CounterFact.Knowledge.Count(question => question.Prompt.EndsWith('?')));
        Assert.All(CounterFact.Cases, edit => Assert.All(edit.Locality, question =>
        {
            Assert.Equal(edit.TargetOld, question.Answer);
            var template = edit.Prompt.Replace(edit.Subject, "{}").Split("{}");
            Assert.StartsWith(template[0], question.Prompt);
            Assert.EndsWith(template[1], question.Prompt);
        }));
    }

    [Fact]
    public void The_same_seed_gives_the_same_data_and_another_seed_other_edits()
    {
        Assert.Equal(CanonicalJson.ToText(Zsre), CanonicalJson.ToText(WorldDatasets.ToZsre(World, Edits, seed: 1)));
        var other = WorldDatasets.ToZsre(World, Edits, seed: 2);
        Assert.NotEqual(Zsre.Cases.Select(edit => edit.Prompt), other.Cases.Select(edit => edit.Prompt));
        Assert.Equal(Zsre.Knowledge, other.Knowledge);
    }

    [Fact]
    public void CounterFact_edits_subjects_again_where_fresh_ones_would_leave_too_few_neighbours_but_never_a_fact()
    {
        var data = WorldDatasets.ToCounterFact(World, 300, seed: 1);
        Assert.True(data.Cases.Select(edit => edit.Subject).Distinct().Count() < 300);
        Assert.Equal(300, data.Cases.Select(edit => edit.Prompt).Distinct().Count());
    }

    [Theory]
    [InlineData("zsre", 0, "0 edits asked for, found room for 0 among 1000 facts")]
    [InlineData("zsre", 300, "found 0 unedited locality questions for '")]
    [InlineData("counterfact", 990, "990 edits asked for, found room for ")]
    public void Too_many_edits_are_an_error_that_says_how_many_there_is_room_for(string schema, int edits, string text) =>
        Assert.Contains(text, Assert.Throws<InputException>(() => schema == "zsre"
            ? WorldDatasets.ToZsre(World, edits, seed: 1)
            : WorldDatasets.ToCounterFact(World, edits, seed: 1)).Message);

    // Hashes of the files that were written before data sets had examples and probes.
    [Theory]
    [InlineData("zsre", "cases", "8780544800f1a1a4f4fbd4454847b4745b2fed4dced668b80bd6607fd1e870f6")]
    [InlineData("zsre", "knowledge", "88c9b266f14cf929e8d91f70a8b7b43b6b016ee8a92d23a8eee5186a12d1ffab")]
    [InlineData("zsre", "recall", "06221ab90a6b524034484c114a79708e88e0c0ecc84f50e1bbef57208444a416")]
    [InlineData("zsre", "texts", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("counterfact", "cases", "ee099c54411bc6bdf072ece08bbef3f00c3939201f627de0dd6d631b2da421d9")]
    [InlineData("counterfact", "knowledge", "53e0aa4f1cc709ac4ebdddf2e1765ba282b160bed6a40b33af613b1584beb3a6")]
    [InlineData("counterfact", "recall", "aea67d2f4fcd59bed85979aba2f63957ddf32b9da9f67f42a3fd9e1d1ce4d8b5")]
    [InlineData("counterfact", "texts", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void What_a_world_gave_before_there_were_extras_it_gives_in_the_same_bytes(string schema, string name, string sha256)
    {
        var folder = Directory.CreateTempSubdirectory("extras").FullName;
        try
        {
            var world = WorldGenerator.Generate(new WorldOptions(), seed: 5);
            world.Save(Path.Combine(folder, "world.json"));
            Assert.Equal("83d356390985898762b55960f073d5f0865a5156cd361356c5d3cbba0b16bb42",
                FileHash.Of(Path.Combine(folder, "world.json")));
            FactDataFolder.Write(
                schema == "zsre" ? WorldDatasets.ToZsre(world, 60, seed: 1) : WorldDatasets.ToCounterFact(world, 60, seed: 1), folder);
            Assert.Equal(sha256, FileHash.Of(Path.Combine(folder, $"{name}.jsonl")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Examples_are_facts_of_people_whom_no_edit_is_about_and_which_locality_does_not_ask_for(string schema)
    {
        var data = Data(schema);
        Assert.Equal(Enumerable.Range(0, 200), data.Examples.Select(example => example.Id));
        var asked = data.Cases.SelectMany(edit => edit.Locality).ToHashSet();
        var edited = data.Cases.Select(edit => edit.Subject).ToHashSet();
        Assert.All(data.Examples, example =>
        {
            Assert.DoesNotContain(example.Subject, edited);
            Assert.DoesNotContain(new Question(example.Prompt, example.TargetOld), asked);
            Assert.Contains(new Question(example.Prompt, example.TargetOld), data.Recall);
            Assert.Equal(RelationOf(example.TargetOld), RelationOf(example.TargetNew));
            Assert.Equal(2, example.Rephrases.Count);
            Assert.NotEmpty(example.Locality);
            Assert.All(example.Locality, question => Assert.DoesNotContain(example.Subject, question.Prompt));
        });

        // People whom locality asks about come last.
        var named = data.Examples.Select(
            example => asked.Any(question => question.Prompt.Contains(example.Subject, StringComparison.Ordinal))).ToList();
        Assert.False(named[0]);
        Assert.Equal(named.Order(), named);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Probes_ask_for_facts_that_are_not_edited_beside_three_objects_of_the_same_relation(string schema)
    {
        var data = Data(schema);
        Assert.Equal(
            [ProbeKinds.SameSubject, ProbeKinds.SameRelation, ProbeKinds.Unrelated], data.Probes.Select(probe => probe.Kind).Distinct());
        Assert.All(data.Probes.CountBy(probe => probe.Kind), kind => Assert.InRange(kind.Value, 1, 200));
        var edits = data.Cases.Select(edit => edit.Prompt).ToHashSet();
        var examples = data.Examples.Select(example => example.Prompt).ToHashSet();
        var touched = data.Cases.SelectMany(edit => new[] { edit.TargetOld, edit.TargetNew }).ToHashSet();
        Assert.All(data.Probes, probe =>
        {
            Assert.DoesNotContain(probe.Prompt, edits);
            Assert.DoesNotContain(probe.Prompt, examples);
            Assert.Contains(new Question(probe.Prompt, probe.Answer), data.Recall);
            Assert.Equal(3, probe.Distractors.Where(other => other != probe.Answer).Distinct().Count());
            Assert.All(probe.Distractors, other => Assert.Equal(RelationOf(probe.Answer), RelationOf(other)));
            Assert.Equal(probe.Kind == ProbeKinds.SameSubject,
                data.Cases.Any(edit => probe.Prompt.Contains(edit.Subject, StringComparison.Ordinal)));

            // Every relation is edited in this world: what is not related shares no object with an edit.
            if (probe.Kind != ProbeKinds.SameSubject) Assert.Equal(probe.Kind == ProbeKinds.SameRelation, touched.Contains(probe.Answer));
        });
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Held_out_sentences_are_statements_of_facts_that_nobody_edits(string schema)
    {
        var data = Data(schema);
        Assert.Equal(200, data.HeldOut.Distinct().Count());
        var known = data.Knowledge.Select(question => $"{question.Prompt} {question.Answer}.").ToHashSet();
        Assert.All(data.HeldOut, text =>
        {
            Assert.Contains(text, known);
            Assert.DoesNotContain("?", text);
            Assert.DoesNotContain(data.Cases, edit => text.Contains(edit.Subject, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Extras_change_nothing_else()
    {
        var without = WorldDatasets.ToZsre(World, Edits, seed: 1, examples: 0, probes: 0);
        Assert.Equal((0, 0, 0), (without.Examples.Count, without.Probes.Count, without.HeldOut.Count));
        Assert.Equal(Zsre.Cases.Select(CanonicalJson.ToText), without.Cases.Select(CanonicalJson.ToText));
        var error = Assert.Throws<InputException>(() => WorldDatasets.ToZsre(World, Edits, seed: 1, probes: -1));
        Assert.StartsWith("data set from a world: found 'examples' 200 and 'probes' -1, expected at least 0 of each", error.Message);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Portability_asks_for_the_country_of_the_new_object_where_it_is_another(string schema)
    {
        var world = WorldGenerator.Generate(World.Options with { Countries = 5, GenerationPrompts = 3 }, seed: 11);
        Assert.Equal(World.Facts, world.Facts.Take(World.Facts.Count));
        var data = schema == "zsre" ? WorldDatasets.ToZsre(world, Edits, seed: 1) : WorldDatasets.ToCounterFact(world, Edits, seed: 1);
        Assert.Equal(Data(schema).Cases.Select(edit => edit.Locality[0]), data.Cases.Select(edit => edit.Locality[0]));
        var country = world.Facts.Skip(World.Facts.Count).ToDictionary(fact => fact.Subject, fact => fact.Object);
        Assert.Equal(80, country.Count);
        Assert.All(data.Cases, edit =>
        {
            Assert.Equal(3, edit.GenerationPrompts.Count);
            Assert.All(edit.GenerationPrompts,
                prompt => Assert.True(prompt.Contains(edit.Subject, StringComparison.Ordinal) && !prompt.EndsWith('?')));
            var (old, now) = (country.GetValueOrDefault(edit.TargetOld), country.GetValueOrDefault(edit.TargetNew));
            if (old == now)
            {
                Assert.Empty(edit.Portability);
                return;
            }

            var question = Assert.Single(edit.Portability);
            Assert.Equal(now, question.Answer);
            Assert.Contains(edit.Subject, question.Prompt);
            Assert.Equal(schema == "zsre", question.Prompt.EndsWith('?'));

            // The model knew the old answer, and knows where the new object lies.
            Assert.Contains(question with { Answer = old! }, data.Knowledge);
            Assert.Contains(data.Recall, known => known.Prompt.Contains(edit.TargetNew, StringComparison.Ordinal) && known.Answer == now);
        });
        Assert.InRange(data.Cases.Count(edit => edit.Portability.Count > 0), 20, 50);
        Assert.Equal(data.Knowledge.Count, data.Knowledge.Select(question => question.Prompt).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Rephrasings_may_be_held_out_fact_by_fact(string schema)
    {
        var world = WorldGenerator.Generate(
            new WorldOptions { Entities = 250, Phrasings = 3, UnseenPhrasings = 3, OtherFormPhrasings = 1 }, seed: 3);
        var data = schema == "zsre" ? WorldDatasets.ToZsre(world, Edits, seed: 1) : WorldDatasets.ToCounterFact(world, Edits, seed: 1);
        Assert.Equal(1000 * (3 + 1), data.Knowledge.Count);
        var learnt = data.Knowledge.Select(question => question.Prompt).ToHashSet();
        Assert.All(data.Cases, edit =>
        {
            Assert.Contains(edit.Prompt, learnt);
            Assert.Equal(2, edit.Rephrases.Distinct().Count());
            Assert.All(edit.Rephrases, rephrase => Assert.DoesNotContain(rephrase, learnt));
        });
        Assert.Equal(
            data.Cases.SelectMany(edit => edit.Rephrases.Select(prompt => new UnseenQuestion("generality", prompt, edit.TargetOld))),
            data.Unseen);

        // Every phrasing is learnt with other facts: what is asked is to put the two together.
        foreach (var relation in world.Relations)
        {
            var phrasings = schema == "zsre" ? relation.Questions : relation.Statements;
            Assert.All(phrasings, phrasing => Assert.Contains(
                world.Facts, fact => fact.Relation == relation.Name && learnt.Contains(phrasing.Replace("{}", fact.Subject))));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void One_hop_questions_may_be_held_out_for_people_who_are_edited(string schema)
    {
        var options = new WorldOptions { Entities = 250, Phrasings = 3, Countries = 20, UnseenHops = true };
        var world = WorldGenerator.Generate(options, seed: 3);
        var data = schema == "zsre" ? WorldDatasets.ToZsre(world, Edits, seed: 1) : WorldDatasets.ToCounterFact(world, Edits, seed: 1);
        var hops = data.Cases.Where(edit => edit.Portability.Count > 0).ToList();
        var learnt = data.Knowledge.Select(question => question.Prompt).ToHashSet();
        Assert.InRange(hops.Count, 20, 50);
        Assert.All(hops, edit => Assert.DoesNotContain(edit.Portability[0].Prompt, learnt));
        Assert.Equal(hops.Select(edit => edit.Portability[0].Prompt), data.Unseen.Select(question => question.Prompt));
        Assert.All(data.Unseen.Zip(hops), pair => Assert.Equal(
            ("portability", true), (pair.First.Metric, pair.First.Answer != pair.Second.Portability[0].Answer)));

        // Others' were learnt.
        var across = world.Relations.Where(relation => relation.Hop is not null).Select(relation =>
            schema == "zsre" ? relation.Hop!.Question : relation.Hop!.Statement).ToList();
        Assert.InRange(across.Sum(form => learnt.Count(prompt =>
            prompt.StartsWith(form.Split("{}")[0], StringComparison.Ordinal) && prompt.EndsWith(form.Split("{}")[1]))), 150, 350);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Many_edits_leave_a_reserved_share_of_people_untouched(string schema)
    {
        var options = new WorldOptions { Entities = 1000, FirstNames = 50, LastNames = 50, ReservedShare = 0.25, Phrasings = 3 };
        var world = WorldGenerator.Generate(options, seed: 2);
        var data = schema == "zsre" ? WorldDatasets.ToZsre(world, 2000, seed: 1) : WorldDatasets.ToCounterFact(world, 2000, seed: 1);
        Assert.Equal(2000, data.Cases.Select(edit => edit.Prompt).Distinct().Count());
        Assert.InRange(data.Cases.Select(edit => edit.Subject).Distinct().Count(), 650, 750);
        Assert.Equal(200, data.Examples.Count);
        var asked = data.Cases.SelectMany(edit => edit.Locality).Select(question => question.Prompt).ToList();
        var taught = data.Examples.Select(example => example.Subject).Distinct().ToList();
        Assert.DoesNotContain(taught, subject => asked.Exists(prompt => prompt.Contains(subject, StringComparison.Ordinal)));
    }

    private static FactData Data(string schema) => schema == "zsre" ? Zsre : CounterFact;

    private static string RelationOf(string answer) => World.Relations.Single(relation => relation.Objects.Contains(answer)).Name;
}
