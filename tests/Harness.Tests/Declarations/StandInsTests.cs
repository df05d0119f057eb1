namespace Harness.Tests.Declarations;

public sealed class StandInsTests : IDisposable
{
    private readonly SampleExperiments sample = new();

    public void Dispose() => sample.Dispose();

    // Behind the data sets that table 1 needs, with the world beside them.
    [Theory]
    [InlineData("{ schema: zsre }", "(6,3): data set 'spare': expected either 'world' or 'file', found neither.")]
    [InlineData("{ schema: zsre, world: town, file: { address: a, mirror: b, sha256: c } }",
        "(6,3): data set 'spare': expected either 'world' or 'file', found both.")]
    [InlineData("{ schema: zsre, world: twn }", "(6,33): unknown world 'twn'; did you mean 'town'? Known: town.")]
    [InlineData("{ schema: zsre, world: town, edits: 3 }",
        "(6,39): unknown key 'edits' in data set 'spare'")]
    [InlineData("{ schma: zsre, world: town }", "(6,10): missing key 'schema' in data set 'spare'")]
    [InlineData("{ schema: zsre, world: town, skipped-records: 3 }",
        "(6,56): 'skipped-records' of data set 'spare': found 3, expected none: a world has no records; choose another seed.")]
    [InlineData("zsre-500", "(6,10): data set 'spare': found 'zsre-500', expected keys and values.")]
    [InlineData("{ world: town }", "(6,10): missing key 'schema' in data set 'spare'")]
    public void A_data_set_is_checked_whether_it_is_used_or_not(string declared, string message)
    {
        sample.Write("datasets.yaml", $$"""
            worlds: { town: { entities: 120 } }
            datasets:
              world-zsre: { world: town, schema: zsre }
              world-counterfact: { world: town, schema: counterfact }
              zsre-500: { schema: zsre, file: { address: "https://example.org", mirror: zsre.json, sha256: abc } }
              spare: {{declared}}
            """);
        Assert.StartsWith("experiments/datasets.yaml" + message, Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_world_s_own_validation_is_told_at_its_place()
    {
        sample.Write("datasets.yaml", """
            worlds:
              town: { entities: 120 }
              tiny: { entities: 3 }
            datasets:
              world-zsre: { world: town, schema: zsre }
              world-counterfact: { world: town, schema: counterfact }
              zsre-500: { schema: zsre, file: { address: "https://example.org", mirror: zsre.json, sha256: abc } }
            """);
        Assert.StartsWith("experiments/datasets.yaml(3,3): 'tiny': world options: 'entities' is 3, expected ", Message(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_shape_that_fits_no_model_is_told_at_its_place()
    {
        sample.Write("models.yaml", """
            tiny-llama2:
              tokenizer: { vocabulary-size: 1500 }
              statistics-tokens: 20000
              shape: { family: llama, width: 96, mlp-width: 256, layers: 4, heads: 4, key-value-heads: 3, max-positions: 48 }
              training: { epochs: 20 }
            """);
        Assert.StartsWith(
            "experiments/models.yaml(1,1): 'tiny-llama2': model 'tiny-llama2': key-value-heads is 3; expected a divisor of the 4 heads",
            Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stand_in_has_the_experiments_number_of_edits()
    {
        Assert.Equal(100, sample.LoadTable1().Datasets[1].Options.Edits);
        Assert.Equal(50, sample.Load("small").Find("Table1").Datasets[1].Options.Edits);
    }

    private string Message() => Assert.Throws<InputException>(() => sample.Load()).Message;
}
