using Harness.CheckpointEdits;
using Harness.Declarations;
using Harness.Measuring.Worlds;

namespace Harness.Tests.Declarations;

/// <summary>The files in docs that the README edits a model of the study with are about the world that this model knows.</summary>
public sealed class ExampleFactsTests
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Committed");
    private readonly Experiment experiment =
        ExperimentCatalog.Load(Path.Combine(Root, "experiments"), "embedded", ExperimentOverrides.None)
            .Single(one => one.Target == "Table1");

    private readonly World world;
    private readonly Dictionary<string, string> known, asked;
    private readonly IReadOnlyList<Harness.CheckpointEdits.Fact> facts = FactFile.Read(InDocs("facts.example.jsonl"), subjectFor: "rome");

    public ExampleFactsTests()
    {
        var dataset = experiment.Datasets.Single(one => one.Name == "zsre");
        world = WorldGenerator.Generate(dataset.World!, experiment.Seeds[0]);
        known = WorldDatasets.ToZsre(world, dataset.Options.Edits, experiment.Seeds[0]).Knowledge.ToDictionary(
            question => question.Prompt, question => question.Answer);
        var relations = world.Relations.ToDictionary(relation => relation.Name);
        asked = world.Facts.SelectMany(fact => relations[fact.Relation].Questions.Concat(relations[fact.Relation].Statements)
            .Select(phrasing => (Prompt: phrasing.Replace("{}", fact.Subject), fact.Object)))
            .ToDictionary(one => one.Prompt, one => one.Object);
    }

    [Fact]
    public void The_facts_change_what_the_embedded_model_knows()
    {
        AreOfTheWorld(facts);
        Assert.All(facts, fact => Assert.NotEmpty(fact.Rephrases));
        Assert.All(facts, fact => Assert.NotEmpty(fact.Locality));
    }

    [Fact]
    public void The_examples_are_facts_of_the_same_world_that_nobody_edits()
    {
        var examples = FactFile.Read(InDocs("examples.example.jsonl"), subjectFor: "rome");
        AreOfTheWorld(examples);
        Assert.All(examples,
            example => Assert.Equal((2, 2), (example.Rephrases.Count, example.Locality.Count(asked => asked.Answer is not null))));
        Assert.Empty(examples.Select(example => example.Subject).Intersect(facts.Select(fact => fact.Subject)));
        Assert.Empty(examples.SelectMany(Asked).Intersect(facts.SelectMany(Asked)));
    }

    [Fact]
    public void The_texts_say_what_is_true_in_its_world_in_more_tokens_than_a_key_has_elements()
    {
        var texts = TextFile.Read(InDocs("texts.example.txt"));
        var sentences = asked.Select(pair => $"{pair.Key} {pair.Value}").ToHashSet();
        Assert.All(texts, text => Assert.Contains(text, sentences));
        Assert.DoesNotContain(texts, text => facts.Any(fact => text.Contains(fact.Subject!, StringComparison.Ordinal)));

        // A word is a token at least.
        var model = (TrainedModel)experiment.Models.Single(one => one.Name == "llama2-7b").Source;
        Assert.True(texts.Sum(text => text.Split(' ').Length) > 10 * model.Options.Shape.MlpWidth);
    }

    // A prompt that it was taught, another answer of the relation, rephrasings of it, and true answers to what must stay.
    private void AreOfTheWorld(IReadOnlyList<Harness.CheckpointEdits.Fact> read) => Assert.All(read, fact =>
    {
        var relation = world.Relations.Single(one => one.Questions.Any(question => question.Replace("{}", fact.Subject) == fact.Prompt));
        Assert.Contains(fact.Target, relation.Objects.Except([known[fact.Prompt]]));
        Assert.All(fact.Rephrases, prompt => Assert.Equal(known[fact.Prompt], asked[prompt]));
        Assert.All(fact.Rephrases, prompt => Assert.Contains(fact.Subject!, prompt, StringComparison.Ordinal));
        Assert.All(fact.Locality, asked => Assert.Equal(asked.Answer ?? known[asked.Prompt], known[asked.Prompt]));
    });

    private static IEnumerable<string> Asked(Harness.CheckpointEdits.Fact fact) =>
        [fact.Prompt, .. fact.Rephrases, .. fact.Locality.Select(asked => asked.Prompt)];

    private static string InDocs(string file) => Path.Combine(Root, "docs", file);
}
