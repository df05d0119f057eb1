using Harness.Measuring.Data;
using Harness.Measuring.Worlds;

namespace Harness.Tests.Worlds;

public sealed class WorldFormTests
{
    private static readonly Fact AnnLives = new("Ann Lee", "home", "Oslo");
    private static readonly Fact BobLives = new("Bob Fox", "home", "Rome");
    private static readonly Fact AnnPlays = new("Ann Lee", "instrument", "harp");
    private static readonly Fact OsloLies = new("Oslo", "home-country", "Norway");
    private static readonly Fact RomeLies = new("Rome", "home-country", "Italy");

    [Fact]
    public void Facts_of_people_and_of_the_objects_of_others_are_apart()
    {
        var form = Form(inQuestions: true);
        Assert.Equal([AnnLives, BobLives, AnnPlays], form.People);
        Assert.Equal([OsloLies, RomeLies], form.Places);
    }

    [Theory]
    [InlineData(true, "Where is Ann Lee?", "Whose is Ann Lee?")]
    [InlineData(false, "Ann Lee lives in", "The home of Ann Lee is")]
    public void Facts_are_asked_for_in_the_form_of_the_data_set(bool inQuestions, string first, string second)
    {
        var form = Form(inQuestions);
        Assert.Equal((first, second), (form.Ask(AnnLives, 0), form.Ask(AnnLives, 1)));
        Assert.Equal(new Question(second, "Oslo"), form.Known(AnnLives, 1));
    }

    [Theory]
    [InlineData(true, 1, "Ann Lee lives in")]
    [InlineData(true, 2, "Ann Lee lives in", "The home of Ann Lee is")]
    [InlineData(false, 1, "Where is Ann Lee?")]
    [InlineData(false, 0)]
    public void As_many_phrasings_of_the_other_form_are_known_as_the_world_says(bool inQuestions, int count, params string[] prompts) =>
        Assert.Equal(prompts.Select(prompt => new Question(prompt, "Oslo")), Form(inQuestions, count).KnownOtherwise(AnnLives));

    [Theory]
    [InlineData(true, 0, "Where is Ann Lee? Oslo.")]
    [InlineData(true, 1, "Ann Lee lives in Oslo.")]
    [InlineData(false, 0, "Ann Lee lives in Oslo.")]
    public void A_sentence_is_a_statement_where_the_model_knows_statements(bool inQuestions, int otherForm, string sentence) =>
        Assert.Equal(sentence, Form(inQuestions, otherForm).Sentence(AnnLives));

    [Fact]
    public void Other_objects_are_those_of_the_relation() =>
        Assert.Equal(["Rome", "Bern"], Form(inQuestions: true).OtherObjects(AnnLives));

    [Fact]
    public void Across_the_object_the_answer_is_that_of_the_object_that_is_given()
    {
        Assert.Equal(new Question("In which country is the home of Ann Lee?", "Norway"), Form(true).Across(AnnLives, "Oslo"));
        Assert.Equal(new Question("The home of Ann Lee is in", "Italy"), Form(false).Across(AnnLives, "Rome"));
        Assert.Null(Form(true).Across(AnnPlays, "harp"));
    }

    [Fact]
    public void Texts_are_generated_from_some_statements_but_the_first_in_their_order()
    {
        var form = Form(inQuestions: true);
        for (var seed = 0; seed < 10; seed++)
        {
            Assert.Equal(["The home of Ann Lee is", "At night Ann Lee is in"],
                form.GenerationPrompts(AnnLives, new SeededRandom(seed, "prompts")));
        }
    }

    private static WorldForm Form(bool inQuestions, int otherForm = 1) => new(
        new World
        {
            Options = new WorldOptions { OtherFormPhrasings = otherForm, GenerationPrompts = 2 },
            Seed = 1,
            Relations =
            [
                new Relation("home", ["Where is {}?", "Whose is {}?"], ["{} lives in", "The home of {} is", "At night {} is in"],
                    ["Oslo", "Rome", "Bern"]),
                new Relation("instrument", ["What does {} play?"], ["{} plays the"], ["harp"]),
                new Relation("home-country", ["Where is the town {}?"], ["The town {} is in"], ["Norway", "Italy"],
                    new OneHop("home", "In which country is the home of {}?", "The home of {} is in")),
            ],
            Facts = [AnnLives, BobLives, AnnPlays, OsloLies, RomeLies],
        }, inQuestions, new SeededRandom(1, "phrasings"));
}
