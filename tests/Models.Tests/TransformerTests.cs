// B = batch, T = positions, D = model width, I = MLP width, V = vocabulary.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests;

public class TransformerTests
{
    [Theory]
    [InlineData(4, 4, false)]
    [InlineData(4, 2, false)]
    [InlineData(4, 1, true)]
    public void Computes_what_the_definition_of_LLaMA_says(int heads, int shared, bool tied)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped with { Heads = heads, KeyValueHeads = shared, TiedHead = tied });
        var tokens = TinyModels.Tokens(batch: 3, positions: 9);
        var logits_BTV = model.Logits(TinyModels.Tensor(tokens));

        var reference = new ReferenceLlama(model);
        var expected = tokens.SelectMany(reference.Logits).SelectMany(row => row).Select(value => (float)value).ToArray();
        Assert.True(expected.Max() > 1, "the weights are too small for the comparison to mean anything");
        Assert.Equal(0, TinyModels.Distance(logits_BTV, tensor(expected, [3, 9, 40])), 1e-4);
    }

    [Fact]
    public void A_run_equals_the_runs_of_its_parts_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped with { Layers = 3 });
        var embedded_BTD = model.Embed(TinyModels.Tensor(TinyModels.Tokens(2, 7)));
        var whole_BTD = model.Run(embedded_BTD, 0, 3);
        var prefix_BTD = model.Run(embedded_BTD, 0, 2);
        Assert.True(TinyModels.Same(whole_BTD, model.Run(prefix_BTD, 2, 3)));

        // No layers at all: another tensor of the same values, so that disposing one leaves the other.
        model.Run(prefix_BTD, 2, 2).Dispose();
        Assert.True(TinyModels.Same(whole_BTD, model.Run(prefix_BTD, 2, 3)));
    }

    [Fact]
    public void Right_padding_does_not_change_earlier_positions()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var tokens = TinyModels.Tokens(2, 6);
        var padded = tokens.Select(row => (long[])[.. row, 0, 0, 0]).ToArray();
        var short_BTV = model.Logits(TinyModels.Tensor(tokens));
        Assert.Equal(0, TinyModels.Distance(short_BTV, model.Logits(TinyModels.Tensor(padded)).narrow(1, 0, 6)), 1e-5);
    }

    [Fact]
    public void Hooks_see_every_activation_and_replace_it()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 5));
        var plain_BTV = model.Logits(tokens_BT);

        var seen = new Recorder();
        Assert.True(TinyModels.Same(plain_BTV, model.Logits(tokens_BT, seen)));
        string[] expected =
            ["key 0 [2, 5, 24]", "mlp 0 [2, 5, 16]", "layer 0 [2, 5, 16]", "key 1 [2, 5, 24]", "mlp 1 [2, 5, 16]", "layer 1 [2, 5, 16]"];
        Assert.Equal(expected, seen.Lines);

        // The MLP's output is the down-projection of its key, and what replaces the last layer's output is what the head gets.
        Assert.Equal(0, TinyModels.Distance(seen.Value_BTD!, seen.Key_BTI!.matmul(model.Parameter(Sites.DownProjection(1)).t())), 1e-5);
        var replacement_BTD = ones(2, 5, 16);
        var replaced_BTV = model.Logits(tokens_BT, new Replacer(replacement_BTD));
        Assert.True(TinyModels.Same(model.Head(replacement_BTD), replaced_BTV));
    }

    [Fact]
    public void A_hook_can_take_the_attention_s_place()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 5));
        var silenced_BTV = model.Logits(tokens_BT, new Silencer());
        using (no_grad())
            model.Parameter(Sites.Output(1)).zero_();
        Assert.True(TinyModels.Same(model.Logits(tokens_BT), silenced_BTV));
    }

    [Fact]
    public void Gradients_reach_what_requires_them_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Lively(TinyModels.Grouped);
        var weight_DI = model.Parameter(Sites.DownProjection(0));
        weight_DI.requires_grad = true;
        model.Logits(TinyModels.Tensor(TinyModels.Tokens(2, 5))).sum().backward();
        Assert.True(weight_DI.grad!.abs().sum().AsDouble() > 0);
        Assert.All(model.ParameterNames.Where(name => name != Sites.DownProjection(0)), name => Assert.Null(model.Parameter(name).grad));
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        using var first = Transformer.Create(TinyModels.Grouped, seed: 1);
        using var second = Transformer.Create(TinyModels.Grouped, seed: 1);
        using var other = Transformer.Create(TinyModels.Grouped, seed: 2);
        Assert.All(first.ParameterNames, name => Assert.True(TinyModels.Same(first.Parameter(name), second.Parameter(name))));
        Assert.False(TinyModels.Same(first.Parameter(Sites.Head), other.Parameter(Sites.Head)));
    }

    [Fact]
    public void First_weights_have_the_deviation_of_GPT2()
    {
        using var scope = NewDisposeScope();
        using var model = Transformer.Create(TinyModels.Grouped with { Width = 64, MlpWidth = 256, Layers = 8 }, seed: 1);
        Assert.Equal(0.02, model.Parameter(Sites.Gate(3)).std().AsDouble(), 0.001);
        Assert.Equal(0.02 / 4, model.Parameter(Sites.DownProjection(3)).std().AsDouble(), 0.0003);
        Assert.Equal(1, model.Parameter(Sites.FinalNorm).mean().AsDouble());
    }

    [Fact]
    public void A_forward_pass_leaves_one_tensor_behind()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped);
        using var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 5));
        model.Logits(tokens_BT).Dispose();
        var before = TinyModels.Live();
        var logits_BTV = model.Logits(tokens_BT, new Recorder(keep: false));
        Assert.Equal(before + 1, TinyModels.Live());
        logits_BTV.Dispose();
        Assert.Equal(before, TinyModels.Live());
    }

    [Fact]
    public void Mistakes_are_named()
    {
        using var scope = NewDisposeScope();
        using var model = Transformer.Create(TinyModels.Grouped, seed: 1);
        Assert.Equal(
            "a sequence has 33 tokens; the model has 32 positions; shorten the text",
            Assert.Throws<InputException>(() => model.Logits(TinyModels.Tensor(TinyModels.Tokens(1, 33)))).Message);
        Assert.Equal(
            "'model.layers.1.mlp.down_prj.weight' is not a parameter of the model; did you mean 'model.layers.1.mlp.down_proj.weight'?",
            Assert.Throws<InputException>(() => model.Parameter("model.layers.1.mlp.down_prj.weight")).Message);
        Assert.Equal(
            "model shape: key-value-heads is 3; expected a divisor of the 4 heads",
            Assert.Throws<InputException>(() => Transformer.Create(TinyModels.Grouped with { KeyValueHeads = 3 }, seed: 1)).Message);
        Assert.Equal(
            "model shape: model_type: found \"lama\"; did you mean 'llama'?, " +
                "expected llama, mistral, qwen2, qwen3, qwen2_moe, gpt2, gptj, bloom; models of other kinds cannot be edited here",
            Assert.Throws<InputException>(() => Transformer.Create(TinyModels.Grouped with { Family = "lama" }, seed: 1)).Message);
    }

    private sealed class Recorder(bool keep = true) : IActivationHook
    {
        public List<string> Lines { get; } = [];

        public Tensor? Key_BTI { get; private set; }

        public Tensor? Value_BTD { get; private set; }

        public Tensor DownProjectionInput(int layer, Tensor key_BTI)
        {
            if (keep) Key_BTI = key_BTI.clone();
            return Seen("key", layer, key_BTI);
        }

        public Tensor MlpOutput(int layer, Tensor value_BTD)
        {
            if (keep) Value_BTD = value_BTD.clone();
            return Seen("mlp", layer, value_BTD);
        }

        public Tensor LayerOutput(int layer, Tensor hidden_BTD) => Seen("layer", layer, hidden_BTD);

        private Tensor Seen(string what, int layer, Tensor activation)
        {
            Lines.Add($"{what} {layer} [{string.Join(", ", activation.shape)}]");
            return activation;
        }
    }

    private sealed class Silencer : IActivationHook
    {
        public Tensor AttentionOutput(int layer, Tensor mixed_BTD) => layer == 1 ? zeros_like(mixed_BTD) : mixed_BTD;
    }

    private sealed class Replacer(Tensor replacement_BTD) : IActivationHook
    {
        public Tensor LayerOutput(int layer, Tensor hidden_BTD) => layer == 1 ? replacement_BTD : hidden_BTD;
    }
}
