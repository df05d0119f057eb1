using Harness.Studies.Data;
using Harness.Studies.Worlds;

namespace Harness.Tests.Worlds;

public class WorldDatasetsTests
{
    private const int Edits = 100;

    private static readonly World World = WorldGenerator.Generate(new WorldOptions { Entities = 250, Phrasings = 3, OtherFormPhrasings = 2 }, seed: 11);
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
            Assert.All(edit.Locality, question => Assert.DoesNotContain(edited, subject => question.Prompt.Contains(subject, StringComparison.Ordinal)));
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

    private static FactData Data(string schema) => schema == "zsre" ? Zsre : CounterFact;

    private static string RelationOf(string answer) => World.Relations.Single(relation => relation.Objects.Contains(answer)).Name;
}
