// T = tokens, D = model width, H = hidden width, O, I = shape of a matrix.
using Harness.Editing;
using Harness.Editing.Editors.KnowledgeEditor;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.KnowledgeEditor;

public sealed class KnowledgeEditorEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static KnowledgeEditorOptions Small =>
        new() { Training = Training with { Layers = [1], Steps = 2, EditsPerBatch = 2 }, BatchSize = 2 };

    private static readonly KnowledgeEditorTrainingOptions Training = new()
    {
        Layers = [1, 2],
        HiddenWidth = 8,
        ConditionWidth = 16,
        Kept = 2,
        Steps = 60,
        LearningRate = 3e-3,
    };

    [Fact]
    public void The_shift_is_the_gated_and_masked_gradient_with_an_offset()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var network = new ShiftNetwork(tiny.Session, Training with { MaxScale = 3 });
        using var random = new Generator(2);
        var (condition_1C, gradient_OI) = (rand([1, 16], generator: random), randn([32, 64], generator: random));
        var shift = Numbers.Of(network.Shift(0, condition_1C, gradient_OI));

        double[] inner = [.. Layer("inner", Numbers.Of(condition_1C)).Select(Math.Tanh)];
        var outer = Layer("outer", inner);
        double[] gamma = outer[..64], alpha = Softmax(outer[64..96]), delta = outer[96..160], beta = Softmax(outer[160..192]);
        var (scale, gradient) = (3 / (1 + Math.Exp(-outer[192])), Numbers.Of(gradient_OI));
        Assert.Equal(193, outer.Length);
        for (var o = 0; o < 32; o++)
        {
            for (var i = 0; i < 64; i++)
                Assert.Equal(scale * ((alpha[o] * gamma[i] * gradient[(o * 64) + i]) + (beta[o] * delta[i])), shift[(o * 64) + i], 1e-6);
        }

        double[] Layer(string name, double[] input)
        {
            var (weight, bias) = (Numbers.Of(network[$"matrix.0.{name}.weight"]), Numbers.Of(network[$"matrix.0.{name}.bias"]));
            return [.. bias.Select((start, row) =>
                start + input.Select((value, column) => value * weight[(row * input.Length) + column]).Sum())];
        }

        static double[] Softmax(double[] values)
        {
            var sum = values.Sum(Math.Exp);
            return Array.ConvertAll(values, value => Math.Exp(value) / sum);
        }
    }

    [Fact]
    public void Its_reader_is_libtorch_s_LSTM()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var network = new ShiftNetwork(tiny.Session, Training);
        using var lstm = nn.LSTM(TinySession.Width, 8, bidirectional: true);
        using (no_grad())
        {
            var own = lstm.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
            foreach (var (direction, suffix) in ShiftNetwork.Directions.Zip(["", "_reverse"]))
            {
                own[$"weight_ih_l0{suffix}"].copy_(network[$"{direction}.input"]);
                own[$"weight_hh_l0{suffix}"].copy_(network[$"{direction}.state"]);
                own[$"bias_ih_l0{suffix}"].copy_(network[$"{direction}.bias"]);
                own[$"bias_hh_l0{suffix}"].zero_();
            }
        }

        using var random = new Generator(4);
        var embedded_TD = randn([7, TinySession.Width], generator: random);
        var (_, last, _) = lstm.forward(embedded_TD.unsqueeze(1));
        for (var direction = 0; direction < 2; direction++)
            Assert.InRange(Numbers.Distance(network.LastState(embedded_TD, ShiftNetwork.Directions[direction]), last[direction]), 0, 1e-5);
    }

    [Fact]
    public void Edits_by_the_trained_network_s_shift_of_the_gradient()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var file = new TemporaryFile();
        using var network = new KnowledgeEditorTraining(Training, tiny.Session).Train();
        network.Save(file.Path);
        using var edit = Edit(tiny, new() { Training = Training, BatchSize = 0 }, file.Path);

        // The gradient by autograd, request by request.
        string[] names = [Sites.DownProjection(1), Sites.Up(1), Sites.DownProjection(2), Sites.Up(2)];
        Assert.Equal(names, edit.Deltas.Select(delta => delta.Parameter));
        var wanted = names.Select(name => zeros_like(tiny.Model.Parameter(name))).ToList();
        foreach (var request in TinySession.All)
        {
            using var trained = new TrainedWeights(tiny.Model, names);
            using var batch = new TokenBatch([.. TrainingSamples.New(tiny.Session, [request], appendEos: true)]);
            TokenLoss.Mean(tiny.Model, tiny.Model.Run(tiny.Model.Embed(batch.Tokens_BT), 0, 3), batch).backward();
            using var guard = no_grad();
            for (var matrix = 0; matrix < 4; matrix++)
                wanted[matrix].PlusInPlace(
                    network.Shift(matrix, network.Condition(request), tiny.Model.Parameter(names[matrix]).grad!));
        }

        for (var matrix = 0; matrix < 4; matrix++)
            Assert.InRange(Numbers.Distance(edit.Deltas[matrix].Whole_OI!, wanted[matrix]), 0, 1e-3);
    }

    [Fact]
    public void Training_lowers_its_loss_under_the_constraint_and_leaves_the_model_as_it_was()
    {
        using var tiny = new TinySession();
        var (before, losses, divergences) = (tiny.WeightHash(), new List<double>(), new List<double>());
        var training = new KnowledgeEditorTraining(Training with { Margin = 0.05, MultiplierRate = 1 }, tiny.Session);
        using var network = training.Train((edit, divergence) =>
        {
            losses.Add(edit);
            divergences.Add(divergence);
        });
        Assert.Equal(60, losses.Count);
        Assert.True(losses[^6..].Average() < 0.8 * losses[..6].Average(), string.Join(" ", losses));
        Assert.All(divergences, divergence => Assert.True(divergence >= -1e-6));
        Assert.Equal(before, tiny.WeightHash());
    }

    [Fact]
    public void The_multiplier_follows_the_constraint_and_never_falls_to_nothing()
    {
        using var tiny = new TinySession();
        var training = new KnowledgeEditorTraining(Training with { Margin = 0.5, MultiplierRate = 0.1 }, tiny.Session);
        Assert.Equal(1.05, training.Next(1, 1), 1e-9);
        Assert.Equal(0.98, training.Next(1, 0.3), 1e-9);
        Assert.Equal(1e-6, training.Next(0.01, 0), 1e-12);
    }

    [Fact]
    public void A_trained_file_is_the_same_for_the_same_seed_and_another_is_refused()
    {
        using var tiny = new TinySession();
        using var file = new TemporaryFile();
        using var again = new TemporaryFile();
        new KnowledgeEditorTraining(Training with { Steps = 3 }, tiny.Session).Run(file.Path);
        new KnowledgeEditorTraining(Training with { Steps = 3 }, tiny.Session).Run(again.Path);
        Assert.Equal(File.ReadAllBytes(file.Path), File.ReadAllBytes(again.Path));

        var error = Assert.Throws<InputException>(() => Edit(tiny, new() { Training = Training }, null));
        Assert.Equal("Editor 'knowledge-editor' needs its trained hypernetwork, and the session has none; "
            + "run the editor's training for this model first.", error.Message);
        error = Assert.Throws<InputException>(() => Edit(tiny, new() { Training = Training with { Layers = [0, 1] } }, file.Path));
        Assert.Equal($"{file.Path}: found layers '1,2', expected '0,1'; train the hypernetwork under the options that it is used with.",
            error.Message);
        error = Assert.Throws<InputException>(() => Edit(tiny, new() { Training = Training with { ConditionWidth = 4 } }, file.Path));
        Assert.Equal(
            $"{file.Path}: tensor 'condition.bias': found [16], expected [4]; train the hypernetwork for this model.", error.Message);
    }

    [Fact]
    public void Asks_for_examples_with_prompts_to_be_kept()
    {
        using var tiny = new TinySession();
        var session = tiny.Session with { Examples = [.. TinySession.Examples.Select(example => example with { Locality = [] })] };
        var error = Assert.Throws<InputException>(() => new KnowledgeEditorTraining(Training, session).Train());
        Assert.StartsWith("Training of editor 'knowledge-editor': found no locality prompts among 2 examples, ", error.Message,
            StringComparison.Ordinal);
    }

    private static Edit Edit(TinySession tiny, KnowledgeEditorOptions options, string? file) =>
        EditorRegistry.Find("knowledge-editor").Create(options).Edit(tiny.Session with { TrainedFile = file }, TinySession.All);
}
