// D = model width, E = neurons, T = positions, V = vocabulary.
using Harness.Editing;
using Harness.Editing.Neurons;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Neurons;

public sealed class ExtraNeuronsTests
{
    private const int Layer = 1;

    [Fact]
    public void Adds_what_the_formula_says_by_hand()
    {
        using var scope = NewDisposeScope();
        var keys_ED = tensor(new float[] { 1, 2, 0, -1 }, [2, 2]);
        var values_ED = tensor(new float[] { 10, 20, 3, 5 }, [2, 2]);
        var input_1D = tensor(new float[] { 2, 0.5f }, [1, 2]);

        // x·k + b = 2 + 1 + 1 = 4 and −0.5 + 0.25 < 0: ReLU leaves 4 · (10, 20).
        var found_1D = ExtraNeurons.Apply(input_1D, keys_ED, tensor(new[] { 1f, 0.25f }), values_ED, NeuronActivation.Relu);
        Assert.Equal([40, 80], Numbers.Of(found_1D));

        // x · σ(x) at 4 and at −0.25.
        double Silu(double x) => x / (1 + Math.Exp(-x));
        var smooth_1D = ExtraNeurons.Apply(input_1D, keys_ED, tensor(new[] { 1f, 0.25f }), values_ED, NeuronActivation.Silu);
        Assert.Equal(10 * Silu(4) + 3 * Silu(-0.25), Numbers.Of(smooth_1D)[0], 1e-4);
        Assert.Equal(20 * Silu(4) + 5 * Silu(-0.25), Numbers.Of(smooth_1D)[1], 1e-4);
    }

    [Fact]
    public void Adds_it_to_its_layer_s_MLP_and_to_no_other()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var neurons = Sample(5, 1);
        var (plain, edited) = (new Reader(), new Reader());
        Run(tiny, plain);
        using (neurons.Attach(tiny.Model))
            Run(tiny, edited);
        var input_TD = plain.Inputs[Layer];
        var wanted_TD = plain.Outputs[Layer].Plus(nn.functional.gelu(
            input_TD.matmul(neurons.Tensors["keys"].t()).Plus(neurons.Tensors["biases"])).matmul(neurons.Tensors["values"]));
        Assert.Equal(Numbers.Of(plain.Outputs[0]), Numbers.Of(edited.Outputs[0]));
        Assert.Equal(Numbers.Of(input_TD), Numbers.Of(edited.Inputs[Layer]));
        Assert.InRange(Numbers.Distance(edited.Outputs[Layer], wanted_TD), 0, 1e-6);
        Assert.True(Numbers.Distance(wanted_TD, plain.Outputs[Layer]) > 0.1);

        var after = new Reader();
        Run(tiny, after);
        Assert.Equal(Numbers.Of(plain.Outputs[2]), Numbers.Of(after.Outputs[2]));
    }

    [Fact]
    public void Changes_no_bit_where_the_values_are_zero()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var neurons = Sample(5, 0);
        var before = Run(tiny, null).bytes.ToArray();
        using var attached = neurons.Attach(tiny.Model);
        Assert.Equal(before, Run(tiny, null).bytes.ToArray());
    }

    [Fact]
    public void Comes_back_from_a_stored_edit()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var file = Path.GetTempFileName();
        using (var edit = new Edit([], new Dictionary<string, double>(), Sample(3, 1, "t-patcher")))
            edit.Save(file);
        using var loaded = Edit.Load(file);
        using var same = Sample(3, 1);
        double[] found, wanted;
        using (loaded.ApplyTo(tiny.Model))
            found = Numbers.Of(Run(tiny, null));
        using (same.Attach(tiny.Model))
            wanted = Numbers.Of(Run(tiny, null));
        Assert.Equal(wanted, found);
        File.Delete(file);
    }

    private static ExtraNeurons Sample(int count, double size, string kind = "test")
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        return ExtraNeurons.Copy(
            kind, randn([count, TinySession.Width], generator: random), randn([count], generator: random),
            randn([count, TinySession.Width], generator: random) * Held(size), NeuronActivation.Gelu, Layer);
    }

    private static Tensor Run(TinySession tiny, IActivationHook? hook)
    {
        long[] ids = [.. tiny.Session.Tokenizer.EncodeToIds(TinySession.Ada.Prompt)];
        return tiny.Model.Logits(tensor(ids, [1, ids.Length]), hook);
    }

    private sealed class Reader : IActivationHook
    {
        public Dictionary<int, Tensor> Inputs { get; } = [];

        public Dictionary<int, Tensor> Outputs { get; } = [];

        public void MlpInput(int layer, Tensor normed_BTD) => Inputs[layer] = normed_BTD[0].clone();

        public Tensor MlpOutput(int layer, Tensor value_BTD)
        {
            Outputs[layer] = value_BTD[0].clone();
            return value_BTD;
        }
    }
}
