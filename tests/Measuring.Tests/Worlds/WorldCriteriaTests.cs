using Harness.Measuring.Data;
using Harness.Measuring.Worlds;

namespace Harness.Tests.Worlds;

public sealed class WorldCriteriaTests
{
    private const int Edits = 60;

    private static readonly WorldOptions Plain = new()
    {
        Entities = 240,
        FirstNames = 40,
        LastNames = 40,
        ObjectsPerRelation = 10,
        Phrasings = 2,
        UnseenPhrasings = 2,
        OtherFormPhrasings = 1,
        Countries = 10,
        UnseenHops = true,
    };

    private static readonly World World = WorldGenerator.Generate(Plain with { Criteria = true, Teachers = 12 }, seed: 5);

    private static readonly FactData Zsre = WorldDatasets.ToZsre(World, Edits, seed: 1);
    private static readonly FactData CounterFact = WorldDatasets.ToCounterFact(World, Edits, seed: 1);
    private static readonly Dictionary<(string, string), string> Objects =
        World.Facts.ToDictionary(fact => (fact.Subject, fact.Relation), fact => fact.Object);

    public static TheoryData<string> Both => ["zsre", "counterfact"];

    [Fact]
    public void The_rest_of_the_world_is_that_of_one_without_criteria()
    {
        var plain = WorldGenerator.Generate(Plain, seed: 5);
        Assert.Equal(plain.Facts, World.Facts.Take(plain.Facts.Count));
        Assert.Equal(
            plain.Relations.Select(CanonicalJson.ToText), World.Relations.Take(plain.Relations.Count).Select(CanonicalJson.ToText));
        Assert.DoesNotContain("besides", CanonicalJson.ToText(plain));
        Assert.DoesNotContain("criteria", CanonicalJson.ToText(plain));
        Assert.DoesNotContain("tests", CanonicalJson.ToText(WorldDatasets.ToZsre(plain, Edits, seed: 1).Cases));
        var file = Path.GetTempFileName();
        World.Save(file);
        Assert.Equal(CanonicalJson.ToText(World), CanonicalJson.ToText(World.Load(file)));
        File.Delete(file);
    }

    [Fact]
    public void Couples_are_symmetric_pupils_spread_evenly_and_second_objects_are_others()
    {
        var couples = World.Facts.Where(fact => fact.Relation == "spouse").ToList();
        Assert.Equal(240, couples.Count);
        Assert.All(couples, fact => Assert.Equal(fact.Subject, Objects[(fact.Object, "spouse")]));
        Assert.All(couples, fact => Assert.NotEqual(fact.Subject, fact.Object));
        var teachers = World.Facts.Where(fact => fact.Relation == "teacher").ToList();
        Assert.Equal(228, teachers.Count);
        Assert.All(teachers.CountBy(fact => fact.Object), teacher => Assert.Equal(19, teacher.Value));
        Assert.Empty(teachers.Select(fact => fact.Subject).Intersect(teachers.Select(fact => fact.Object)));
        var seconds = World.Relations.Where(relation => relation.Besides is not null).ToList();
        Assert.Equal(["instrument", "language", "field", "dish"], seconds.Select(relation => relation.Besides));
        Assert.All(seconds, relation => Assert.All(
            World.Facts.Where(fact => fact.Relation == relation.Name),
            fact => Assert.NotEqual(Objects[(fact.Subject, relation.Besides!)], fact.Object)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Edits_go_to_teachers_first_and_every_criterion_is_asked(string schema)
    {
        var data = Data(schema);
        var teachers = World.Relations.Single(relation => relation.Name == "teacher").Objects;
        Assert.Equal(teachers.Order(), data.Cases.Select(edit => edit.Subject).Intersect(teachers).Order());
        Assert.Subset(teachers.ToHashSet(), data.Cases.Take(12).Select(edit => edit.Subject).ToHashSet());
        string[] criteria = [.. data.Cases.SelectMany(edit => edit.Tests).Select(test => test.Criterion).Distinct().Order()];
        string[] six =
        [
            "compositionality-i", "compositionality-ii", "logical-generalisation", "preservation", "relation-specificity",
            "subject-aliasing",
        ];

        // No neighbour shares a spouse, so that no couple is edited in CounterFact's form.
        Assert.Equal(six.Where(criterion => schema == "zsre" || criterion != "logical-generalisation"), criteria);
        Assert.All(data.Cases, edit => Assert.Contains(edit.Tests, test => test.Criterion == "subject-aliasing"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void What_a_test_asks_of_the_edit_was_not_taught_and_its_ceiling_is_the_same_question_before_it(string schema)
    {
        var data = Data(schema);
        var learnt = data.Knowledge.Select(question => question.Prompt).ToHashSet();
        Assert.Equal(data.Knowledge.Count, learnt.Count);
        var tests = data.Cases.SelectMany(edit => edit.Tests).ToList();
        Assert.All(tests, test => Assert.Equal(
            test.Criterion == "relation-specificity", learnt.Contains(Assert.Single(test.Questions).Prompt)));
        var unseen = data.Unseen.Where(question => question.Metric is not ("generality" or "portability")).ToList();
        Assert.Equal(
            tests.Where(test => test.Criterion != "relation-specificity").Select(test => test.Criterion),
            unseen.Select(question => question.Metric));
        Assert.All(unseen, question => Assert.DoesNotContain(question.Prompt, learnt));
        var asked = tests.Where(test => test.Criterion != "relation-specificity").Select(test => test.Questions[0]);
        Assert.All(unseen.Zip(asked), pair =>
        {
            Assert.Equal(pair.First.Metric == "preservation", pair.First.Answer == pair.Second.Answer
                && pair.First.Metric != "logical-generalisation");
            Assert.Equal(pair.First.Metric != "logical-generalisation", pair.First.Prompt == pair.Second.Prompt);
        });

        // Others' are taught, each in its form.
        string[] forms = schema == "zsre" ? ["the teacher of ", ", ", "Besides "] : ["The teacher of ", ", ", "Besides "];
        Assert.All(forms, form => Assert.InRange(learnt.Count(prompt => prompt.Contains(form, StringComparison.Ordinal)), 200, 2000));
    }

    [Fact]
    public void The_answers_of_tests_follow_from_the_edits()
    {
        var edited = Zsre.Cases.Select(edit => (edit, Fact: World.Facts.Single(fact => fact.Subject == edit.Subject
            && fact.Object == edit.TargetOld && edit.Prompt == Ask(fact)))).ToList();
        Assert.All(edited, one => Assert.All(one.edit.Tests, test => Check(one.edit, one.Fact, test)));
    }

    [Fact]
    public void The_same_seed_gives_the_same_data() => Assert.Equal(
        CanonicalJson.ToText(Zsre), CanonicalJson.ToText(WorldDatasets.ToZsre(World, Edits, seed: 1)));

    [Theory]
    [InlineData(3, true, true, "'teachers' is 3, expected 1 to 2")]
    [InlineData(0, true, true, "'teachers' is 0, expected 1 to 2")]
    [InlineData(1, false, true, "'teachers' is 1, expected 0 to 0 where 'criteria' is false")]
    [InlineData(1, true, false, "'criteria' is true, expected false where 'unseen-hops' is false, 'unseen-phrasings' 0 or 'entities' odd")]
    public void Options_that_do_not_fit_are_errors(int teachers, bool criteria, bool unseenHops, string text)
    {
        var options = Plain with { Entities = 8, FirstNames = 4, LastNames = 4, Teachers = teachers, Criteria = criteria };
        Assert.Contains(text, Assert.Throws<InputException>((options with { UnseenHops = unseenHops }).Validate).Message);
    }

    private static FactData Data(string schema) => schema == "zsre" ? Zsre : CounterFact;

    private static string Ask(Fact fact) =>
        World.Relations.Single(relation => relation.Name == fact.Relation).Questions[0].Replace("{}", fact.Subject);

    // What is right is worked out from the world and the edit, by the words of the prompt.
    private static void Check(EditCase edit, Fact fact, CriterionTest test)
    {
        var question = test.Questions[0];
        var now = fact with { Object = edit.TargetNew };
        switch (test.Criterion)
        {
            case "subject-aliasing":
                var names = edit.Subject.Split(' ');
                Assert.Equal(edit.Prompt.Replace(edit.Subject, $"{names[1]}, {names[0]}"), question.Prompt);
                Assert.Equal(edit.TargetNew, question.Answer);
                break;
            case "relation-specificity":
                Assert.Contains(World.Facts, other => other.Subject == edit.Subject && other.Relation != fact.Relation
                    && (question.Prompt, question.Answer) == (Ask(other), other.Object));
                break;
            case "preservation":
                Assert.StartsWith("Besides ", question.Prompt);
                Assert.Contains(edit.TargetNew, question.Prompt);
                Assert.Equal(Objects[(edit.Subject, $"second-{fact.Relation}")], question.Answer);
                Assert.NotEqual(edit.TargetNew, question.Answer);
                break;
            case "logical-generalisation":
                Assert.Equal(("spouse", edit.Subject), (fact.Relation, question.Answer));
                Assert.Contains(edit.TargetNew, question.Prompt);
                break;
            case "compositionality-ii":
                var pupil = Assert.Single(World.Facts, other => other.Relation == "teacher" && other.Object == edit.Subject
                    && question.Prompt.Contains($"the teacher of {other.Subject}", StringComparison.Ordinal));
                Assert.Equal(Ask(now with { Subject = $"the teacher of {pupil.Subject}" }), question.Prompt);
                Assert.Equal(now.Object, question.Answer);
                break;
            case "compositionality-i" when fact.Relation == "teacher":
                Assert.Contains(World.Facts, other => other.Subject == now.Object && other.Object == question.Answer
                    && question.Prompt == Ask(other with { Subject = $"the teacher of {edit.Subject}" }));
                break;
            default:
                Assert.Equal(Objects[(edit.TargetNew, $"{fact.Relation}-country")], question.Answer);
                Assert.Equal(edit.Portability, test.Questions);
                break;
        }
    }
}
