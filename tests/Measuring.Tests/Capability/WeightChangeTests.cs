using Harness.Editing;
using Harness.Measuring.Capability;
using Harness.Models;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests.Capability;

public sealed class WeightChangeTests
{
    private const int Width = 8, MlpWidth = 12;

    [Fact]
    public void Gives_the_relative_size_in_total_and_by_layer_and_module()
    {
        using var model = Model();
        using var scope = NewDisposeScope();

        // All weights are 2. Layer 1's down-projection changes by a product of ones: each number by 1, half of 2. Of the query's 64 numbers
        // four change by 6.
        var query_OI = zeros(Width, Width);
        query_OI.narrow(0, 0, 1).narrow(1, 0, 4).fill_(Held(6));
        using var edit = new Edit(
            [
                WeightDelta.Dense(Sites.Query(0), query_OI),
                    WeightDelta.LowRank(Sites.DownProjection(1), ones(Width, 1), ones(1, MlpWidth)),
                WeightDelta.Dense(Sites.FinalNorm, ones(Width)), WeightDelta.Dense(Sites.MlpNorm(0), ones(Width)),
            ],
            new Dictionary<string, double>());
        var series = WeightChange.Of(edit, model);

        var numbers = model.ParameterNames.Sum(name => model.ShapeOf(name).Aggregate(1L, (product, size) => product * size));
        var expected = new Dictionary<string, double>
        {
            ["change"] = Math.Sqrt(((4 * 36) + (Width * MlpWidth) + Width + Width) / (4.0 * numbers)),
            ["change/0/norms"] = Math.Sqrt(Width / (4.0 * 2 * Width)),
            ["change/0/query"] = Math.Sqrt(4 * 36 / (4.0 * Width * Width)),
            ["change/1/down"] = 0.5,
            ["change/model/norms"] = 0.5,
            ["changed-numbers"] = 4 + (Width * MlpWidth) + Width + Width,
        };
        Assert.Equal(expected.Keys, series.Keys);
        Assert.All(series, pair => Assert.Equal(expected[pair.Key], Assert.Single(pair.Value).Value, 1e-12));
        Assert.All(series.Values, items => Assert.Equal(0, items[0].Id));
    }

    [Fact]
    public void A_product_has_the_size_of_the_matrix_that_it_is()
    {
        using var model = Model();
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var (left_OR, right_RI) = (randn([Width, 3], generator: random), randn([3, MlpWidth], generator: random));
        using var product = new Edit([WeightDelta.LowRank(Sites.DownProjection(0), left_OR, right_RI)], new Dictionary<string, double>());
        using var dense = new Edit(
            [WeightDelta.Dense(Sites.DownProjection(0), left_OR.matmul(right_RI))], new Dictionary<string, double>());
        Assert.Equal(WeightChange.Of(dense, model)["change"][0].Value, WeightChange.Of(product, model)["change"][0].Value, 1e-6);
    }

    [Fact]
    public void A_streamed_model_gives_the_same()
    {
        var folder = Directory.CreateTempSubdirectory();
        var tokenizer = BpeTokenizer.Train(["a text"], 300);
        using (var model = Model(tokenizer.VocabularySize)) model.Save(folder.FullName, tokenizer);
        using var resident = Transformer.Load(folder.FullName);
        using var streamed = Transformer.Load(folder.FullName, new LoadOptions { Streamed = true });
        using var change_DI = ones(resident.ShapeOf(Sites.DownProjection(1)).ToArray());
        using var edit = new Edit([WeightDelta.Dense(Sites.DownProjection(1), change_DI)], new Dictionary<string, double>());
        var (first, second) = (WeightChange.Of(edit, resident), WeightChange.Of(edit, streamed));
        Assert.Equal(first.Select(pair => (pair.Key, pair.Value[0])), second.Select(pair => (pair.Key, pair.Value[0])));
    }

    [Theory]
    [InlineData("model.layers.3.self_attn.k_proj.bias", "change/3/key")]
    [InlineData("model.layers.3.self_attn.o_proj.weight", "change/3/output")]
    [InlineData("model.layers.3.self_attn.q_norm.weight", "change/3/norms")]
    [InlineData("model.layers.10.mlp.gate_proj.weight", "change/10/gate")]
    [InlineData("model.layers.10.mlp.gate.weight", "change/10/router")]
    [InlineData("model.layers.10.mlp.experts.7.up_proj.weight", "change/10/up")]
    [InlineData("model.layers.10.mlp.shared_expert.down_proj.weight", "change/10/down")]
    [InlineData("model.layers.10.mlp.shared_expert_gate.weight", "change/10/router")]
    [InlineData("model.embed_tokens.weight", "change/model/embedding")]
    [InlineData("model.embed_positions.weight", "change/model/positions")]
    [InlineData("model.norm.weight", "change/model/norms")]
    [InlineData("lm_head.weight", "change/model/head")]
    public void Every_parameter_counts_to_a_module(string parameter, string series) =>
        Assert.Equal(series, WeightChange.SeriesOf(parameter));

    [Fact]
    public void Another_models_edit_is_refused()
    {
        using var model = Model();
        using var change = zeros(1, 1);
        using var edit = new Edit([WeightDelta.Dense(Sites.Query(5), change)], new Dictionary<string, double>());
        Assert.Equal(
            $"found a change of '{Sites.Query(5)}', expected one of the model's parameters; measure the edit on its own model",
            Assert.Throws<InputException>(() => WeightChange.Of(edit, model)).Message);
    }

    private static Transformer Model(int vocabulary = 10)
    {
        var shape = new TransformerConfig
        {
            Family = "llama",
            VocabularySize = vocabulary,
            Width = Width,
            MlpWidth = MlpWidth,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 2,
            MaxPositions = 8,
        };
        var model = Transformer.Create(shape, seed: 1);
        using var gradientless = no_grad();
        foreach (var name in model.ParameterNames) model.Parameter(name).fill_(Held(2));
        return model;
    }
}
