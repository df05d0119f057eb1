namespace Harness.Tests.Declarations;

public sealed class PaperNamesTests : IDisposable
{
    private readonly SampleExperiments sample = new();

    public void Dispose() => sample.Dispose();

    [Fact]
    public void Stand_ins_are_shown_with_what_they_stand_for_and_the_papers_own_alone()
    {
        var table = sample.LoadTable1();
        Assert.Equal(["world-zsre, for zsRE", "world-counterfact, for CounterFact"], table.Datasets.Select(dataset => dataset.Shown.Text));
        Assert.Equal("tiny-llama2, for LLaMA-2-7B", table.Models[0].Shown.Text); // its size is known when it is made
        Assert.Equal("tiny-llama2, 0.8 M, for LLaMA-2-7B", (table.Models[0] with { Parameters = 812_345 }).Shown.Text);
        Assert.Equal("zsRE", sample.Load("small").Find("Table1").Datasets[0].Shown.Text);
        Assert.Equal("LLaMA-2-7B", sample.LoadImported().Models[0].Shown.Text);
    }

    [Theory]
    [InlineData("models: { llama-7b: LLaMA-7B }\ndatasets: { zsre: zsRE, counterfact: CounterFact }",
        "experiments/dft/table1.yaml(9,10): unknown model 'llama2-7b'; did you mean 'llama-7b'? Known: llama-7b.")]
    [InlineData("models: { llama2-7b: LLaMA-2-7B }\ndatasets: { zsre: zsRE }",
        "experiments/dft/table1.yaml(8,18): unknown data set 'counterfact'. Known: zsre.")]
    [InlineData("models: { llama2-7b: [LLaMA] }\ndatasets: { zsre: zsRE, counterfact: CounterFact }",
        "experiments/names.yaml(1,22): 'llama2-7b': found a list, expected a single value.")]
    [InlineData("model: {}\nmodels: { llama2-7b: LLaMA-2-7B }\ndatasets: { zsre: zsRE, counterfact: CounterFact }",
        "experiments/names.yaml(1,1): unknown key 'model' in the names' file; did you mean 'models'? Known keys: models, datasets.")]
    public void A_name_that_is_not_declared_is_an_error_with_its_place(string names, string message)
    {
        sample.Write("names.yaml", names);
        Assert.Contains(message, Assert.Throws<InputException>(() => sample.Load()).Message.Split('\n'));
    }
}
