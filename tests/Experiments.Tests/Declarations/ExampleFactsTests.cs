using Harness.Experiments.Declarations;
using Harness.Studies.Facts;
using Harness.Studies.Worlds;

namespace Harness.Experiments.Tests.Declarations;

/// <summary>The facts that the README edits into a model of the study are about the world that this model knows.</summary>
public sealed class ExampleFactsTests
{
    [Fact]
    public void The_example_changes_what_the_embedded_model_knows()
    {
        var root = Path.Combine(AppContext.BaseDirectory, "Committed");
        var experiment = ExperimentCatalog.Load(Path.Combine(root, "experiments"), "embedded", ExperimentOverrides.None).Single(one => one.Target == "Table1");
        var dataset = experiment.Datasets.Single(one => one.Name == "zsre");
        var data = WorldDatasets.ToZsre(WorldGenerator.Generate(dataset.World!, experiment.Seed), dataset.Options.Edits, experiment.Seed);
        var known = data.Knowledge.ToDictionary(question => question.Prompt, question => question.Answer);

        var facts = FactFile.Read(Path.Combine(root, "docs", "facts.example.jsonl"));
        Assert.All(facts, fact => Assert.NotEqual(fact.Target, known[fact.Prompt]));
        Assert.All(facts.SelectMany(fact => fact.Rephrases), prompt => Assert.Contains(prompt, known));
        Assert.All(facts.SelectMany(fact => fact.Locality), asked => Assert.Equal(asked.Answer ?? known[asked.Prompt], known[asked.Prompt]));
    }
}
