using Harness.Models;
using Harness.Models.Training;
using Harness.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public class TrainerTests
{
    private static readonly TrainingOptions Quick = new() { Epochs = 60, BatchSize = 5, LearningRate = 1e-2 };

    [Fact]
    public void Memorises_twenty_sequences_and_says_how_the_loss_falls()
    {
        using var model = Transformer.Create(TinyModels.Grouped with { Width = 32, MlpWidth = 64 }, seed: 1);
        var lines = new Lines();
        var examples = Examples(20);
        var summary = Trainer.Train(model, examples, Quick, seed: 1, lines);

        Assert.Equal(60, lines.Count);
        Assert.StartsWith("epoch 1/60 loss 3.", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("epoch 60/60 loss 0.0", lines[^1], StringComparison.Ordinal);
        Assert.Equal((60, 240), (summary.Epochs, summary.Steps));
        var said = TeacherForcing.Run(model, examples).Select(answer => answer.Argmax);
        Assert.Equal(examples.Select(example => example.Ids[example.TargetStart..]), said);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_to_the_bit()
    {
        using var first = Trained(seed: 4);
        using var second = Trained(seed: 4);
        using var other = Trained(seed: 5);
        Assert.All(first.ParameterNames, name => Assert.True(TinyModels.Same(first.Parameter(name), second.Parameter(name))));
        Assert.False(TinyModels.Same(first.Parameter(Sites.Embedding), other.Parameter(Sites.Embedding)));
    }

    [Fact]
    public void Stops_early_when_the_loss_is_low_enough()
    {
        using var model = Transformer.Create(TinyModels.Grouped, seed: 1);
        Assert.Equal(2, Trainer.Train(model, Examples(10), Quick with { Epochs = 2 }, seed: 1).Epochs);
        Assert.Equal(1, Trainer.Train(model, Examples(10), Quick with { StopLoss = 100 }, seed: 1).Epochs);
    }

    // Of two steps the second learns prompt tokens, with twice the weight: as a run of steps that all do, but for the first one's.
    [Fact]
    public void Prompt_tokens_are_learnt_in_every_second_step_with_twice_the_weight()
    {
        var options = Quick with { Epochs = 2, BatchSize = 20, PromptEvery = 2, PromptLoss = 0.3, WarmupSteps = 0, DecayShare = 0 };
        using var alternating = Transformer.Create(TinyModels.Grouped, seed: 1);
        Trainer.Train(alternating, Examples(20), options, seed: 1);

        using var byHand = Transformer.Create(TinyModels.Grouped, seed: 1);
        Tensor[] parameters = [.. byHand.ParameterNames.Select(byHand.Parameter)];
        foreach (var parameter in parameters) parameter.requires_grad = true;
        using var scope = NewDisposeScope();
        using var optimiser = new AdamW(
            parameters, options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay);
        foreach (var weight in (double[])[0, 0.6])
        {
            var batch = new TokenBatch(Examples(20), byHand.Device);
            optimiser.ZeroGradients();
            TokenLoss.WithPrompt(byHand, byHand.Run(byHand.Embed(batch.Tokens_BT), 0, byHand.Config.Layers), batch, weight).Loss.backward();
            Optimiser.ClipGradients(parameters, options.GradientClip);
            optimiser.Step();
        }

        Assert.All(byHand.ParameterNames,
            name => Assert.InRange((byHand.Parameter(name).detach() - alternating.Parameter(name)).abs().max().AsDouble(), 0, 1e-4));
    }

    [Fact]
    public void Leaves_neither_tensors_nor_gradients_behind()
    {
        using var model = Transformer.Create(TinyModels.Grouped, seed: 1);
        Trainer.Train(model, Examples(10), Quick with { Epochs = 1 }, seed: 1);
        var before = TinyModels.Live();
        Trainer.Train(model, Examples(10), Quick with { Epochs = 2 }, seed: 1);
        Assert.Equal(before, TinyModels.Live());
        Assert.All(model.ParameterNames, name => Assert.False(model.Parameter(name).requires_grad));
        Assert.All(model.ParameterNames, name => Assert.Null(model.Parameter(name).grad));
    }

    [Fact]
    public void Mistakes_are_named()
    {
        using var model = Transformer.Create(TinyModels.Grouped, seed: 1);
        Assert.Equal("training: found no examples; expected at least one", Fault([], Quick));
        Assert.Equal(
            "training options: epochs is 0; expected at least 1; beta2 is 1; expected 0 to less than 1",
            Fault(Examples(1), Quick with { Epochs = 0, Beta2 = 1 }));
        var diverging = Quick with { LearningRate = 1e30, WarmupSteps = 0 };
        Assert.Contains("lower learning-rate (1E+30)", Fault(Examples(20), diverging), StringComparison.Ordinal);
        Assert.False(model.Parameter(Sites.Embedding).requires_grad);

        string Fault(Sequence[] examples, TrainingOptions options) =>
            Assert.Throws<InputException>(() => Trainer.Train(model, examples, options, seed: 1)).Message;
    }

    [Fact]
    public void Can_be_cancelled()
    {
        using var model = Transformer.Create(TinyModels.Grouped, seed: 1);
        var cancelled = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => Trainer.Train(model, Examples(5), Quick, seed: 1, null, cancelled));
        Assert.False(model.Parameter(Sites.Embedding).requires_grad);
    }

    private static Transformer Trained(long seed)
    {
        var model = Transformer.Create(TinyModels.Grouped, seed: 1);
        Trainer.Train(model, Examples(20), Quick with { Epochs = 3 }, seed);
        return model;
    }

    // A key of two tokens, then its value of one to three: lengths differ, and every prompt has one continuation.
    private static Sequence[] Examples(int count)
    {
        var random = new SeededRandom(9, "tests/examples");
        return [.. Enumerable.Range(0, count).Select(i => new Sequence([0, 2 + (i / 5), 10 + (i % 5), .. Value(1 + (i % 3))], 3))];

        int[] Value(int length) => [.. Enumerable.Range(0, length).Select(_ => 20 + random.Next(20))];
    }

    private sealed class Lines : List<string>, IProgress<string>
    {
        public void Report(string value) => Add(value);
    }
}
