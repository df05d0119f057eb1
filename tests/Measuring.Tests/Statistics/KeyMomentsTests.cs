// T = positions, I = MLP width.
using Harness.Measuring.Data;
using Harness.Measuring.Statistics;
using Harness.Models;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests.Statistics;

public class KeyMomentsTests
{
    private static readonly FactData Facts = new()
    {
        Cases = [],
        Recall = [],
        Texts = ["one two three four"],
        Knowledge = [new("Ann saw a", "red fox"), new("Bob lives in", "Rome")],
    };

    [Fact]
    public void Are_the_mean_of_k_kT_over_every_token_but_BOS()
    {
        var (model, tokenizer) = Tiny();
        using var disposeModel = model;
        using var moments = KeyMoments.Collect(model, tokenizer, Facts, [1], tokens: 1_000_000, seed: 3);

        using var scope = NewDisposeScope();
        var expected_II = zeros(model.Config.MlpWidth, model.Config.MlpWidth, dtype: ScalarType.Float64);
        var count = 0L;
        foreach (var text in (string[])["one two three four", "Ann saw a red fox", "Bob lives in Rome"])
        {
            long[] ids = [.. tokenizer.Prefix.Concat(tokenizer.EncodeToIds(text)).Select(id => (long)id)];
            var recorder = new Recorder();
            model.Logits(tensor(ids, [1, ids.Length], dtype: ScalarType.Int64), recorder);
            for (var position = 1; position < ids.Length; position++, count++)
            {
                var key_I = recorder.Key_TI![position].to(ScalarType.Float64);
                expected_II = expected_II.Plus(outer(key_I, key_I));
            }
        }

        Assert.Equal(0, (moments.Covariance(1) - (expected_II / Held(count))).abs().max().AsDouble(), 1e-9);
    }

    [Fact]
    public void Come_back_from_their_file()
    {
        var (model, tokenizer) = Tiny();
        using var disposeModel = model;
        using var moments = KeyMoments.Collect(model, tokenizer, Facts, [0, 1], tokens: 100, seed: 3);
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "statistics.safetensors");
        moments.Save(file);
        using var read = KeyMoments.Load(file);
        using var scope = NewDisposeScope();
        Assert.Equal(moments.Covariance(0).data<double>().ToArray(), read.Covariance(0).data<double>().ToArray());
        Assert.Equal(moments.Covariance(1).data<double>().ToArray(), read.Covariance(1).data<double>().ToArray());
    }

    [Fact]
    public void A_layer_that_the_model_lacks_is_named()
    {
        var (model, tokenizer) = Tiny();
        using var disposeModel = model;
        var error = Assert.Throws<InputException>(() => KeyMoments.Collect(model, tokenizer, Facts, [5], tokens: 10, seed: 3));
        Assert.Equal("key statistics: found layer 5, expected 0 to 1; correct the editor's layer", error.Message);
    }

    private static (Transformer Model, BpeTokenizer Tokenizer) Tiny()
    {
        var tokenizer = BpeTokenizer.Train(Facts.Knowledge.Select(fact => fact.Prompt), 270);
        var shape = new TransformerConfig
        {
            Family = "llama",
            VocabularySize = tokenizer.VocabularySize,
            Width = 16,
            MlpWidth = 24,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 1,
            MaxPositions = 64,
        };
        return (Transformer.Create(shape, seed: 5), tokenizer);
    }

    private sealed class Recorder : IActivationHook
    {
        public Tensor? Key_TI { get; private set; }

        public Tensor DownProjectionInput(int layer, Tensor key_BTI)
        {
            if (layer == 1) Key_TI = key_BTI[0];
            return key_BTI;
        }
    }
}
