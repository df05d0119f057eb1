// O = model width, I = MLP width.
using Harness.Editing;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Pipelines;

public sealed class FineTunerTests
{
    private static readonly FineTuningOptions Options = new() { LearningRate = 1e-3, Epochs = 4, Steps = 4, StopLoss = 0 };

    [Fact]
    public void Breadth_first_with_one_edit_equals_depth_first()
    {
        var breadth = Train(Options with { Pipeline = Pipeline.BreadthFirst }, [TinySession.Ada]);
        var depth = Train(Options with { Pipeline = Pipeline.DepthFirst }, [TinySession.Ada]);
        Assert.Equal(4, depth.Result.Steps);
        Assert.Equal(breadth.Result, depth.Result);
        Assert.Equal(breadth.Weight, depth.Weight);
    }

    [Fact]
    public void Training_from_the_frozen_prefix_equals_plain_training()
    {
        var prefix = Train(Options with { BatchSize = 2 }, TinySession.All);
        var plain = Train(Options with { BatchSize = 2 }, TinySession.All, firstLayer: TrainedWeights.BeforeLayers);
        Assert.NotEqual(Train(Options with { Epochs = 1 }, TinySession.All).Weight, prefix.Weight);
        Assert.Equal(plain.Result.Loss, prefix.Result.Loss, 1e-5);
        Assert.All(plain.Weight.Zip(prefix.Weight), pair => Assert.Equal(pair.First, pair.Second, 2e-5));
    }

    [Fact]
    public void Accumulated_batches_equal_one_large_batch()
    {
        EditRequest[] twice = [TinySession.Ada, TinySession.Ada with { Id = 5, TargetNew = "Oslo" }];
        var sgd = Options with { Optimiser = OptimiserKind.Sgd, Shuffle = false };
        var large = Train(sgd with { BatchSize = 2 }, twice);

        // With no stop loss they go through the model together, with one each by itself.
        foreach (var stop in (double[])[0, 1e-9])
        {
            var small = Train(sgd with { BatchSize = 1, GradientAccumulation = 2, StopLoss = stop }, twice);
            Assert.Equal(4, small.Result.Steps);
            Assert.Equal(large.Result.Loss, small.Result.Loss, 1e-5);
            Assert.All(large.Weight.Zip(small.Weight), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        }
    }

    [Fact]
    public void Batches_of_unlike_size_keep_their_weight_in_an_update()
    {
        EditRequest[] three = [
            TinySession.Ada, TinySession.Ada with { Id = 5, TargetNew = "Oslo" }, TinySession.Ada with { Id = 6, TargetNew = "Rome" }];
        var sgd = Options with { Optimiser = OptimiserKind.Sgd, Shuffle = false, BatchSize = 2, GradientAccumulation = 2 };
        var joined = Train(sgd, three);
        var apart = Train(sgd with { StopLoss = 1e-9 }, three);
        Assert.Equal(apart.Weight, joined.Weight);
    }

    [Fact]
    public void Loss_is_the_mean_over_samples_or_over_tokens()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var samples = TrainingSamples.New(tiny.Session, TinySession.All, appendEos: true);
        var forced = TeacherForcing.Run(tiny.Model, samples);
        using var bySample = new TrainingForward(tiny.Model, samples, 1, LossAverage.Sample);
        using var byToken = new TrainingForward(tiny.Model, samples, 1, LossAverage.Token);
        var tokens = samples.Sum(sample => sample.TargetLength);
        var sum = forced.Zip(samples).Sum(pair => pair.First.MeanNll * pair.Second.TargetLength);
        Assert.Equal(forced.Average(answer => answer.MeanNll), bySample.Loss([0, 1, 2]).AsDouble(), 1e-5);
        Assert.Equal(sum / tokens, byToken.Loss([2, 0, 1]).AsDouble(), 1e-5);
    }

    [Theory]
    [InlineData(1, LossAverage.Sample)]
    [InlineData(1, LossAverage.Token)]
    [InlineData(TrainedWeights.BeforeLayers, LossAverage.Sample)]
    public void A_large_batch_is_run_in_parts_with_the_same_loss_and_gradient(int firstLayer, LossAverage average)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var samples = TrainingSamples.New(tiny.Session, [.. Enumerable.Range(0, 70).Select(i => TinySession.All[i % 3])], appendEos: true);
        using var trained = new TrainedWeights(tiny.Model, [Sites.DownProjection(1)]);
        using var forward = new TrainingForward(tiny.Model, samples, firstLayer, average);
        int[][] batches = [[.. Enumerable.Range(0, 70)], [.. Enumerable.Range(0, 35)], [.. Enumerable.Range(35, 35)]];
        var weights = average == LossAverage.Sample ? [0.5, 0.5]
            : batches.Skip(1).Select(Tokens).Select(count => count / Tokens(batches[0])).ToArray();
        var found = batches.Select(batch =>
        {
            trained.Parameters[0].grad = null;
            var loss = forward.Loss(batch);
            loss.backward();
            return (Loss: loss.AsDouble(), Gradient: trained.Parameters[0].grad!.clone());
        }).ToArray();

        Assert.Equal(found[0].Loss, weights[0] * found[1].Loss + weights[1] * found[2].Loss, 1e-5);
        Assert.InRange(Numbers.Distance(
            found[0].Gradient, (found[1].Gradient * Held(weights[0])).Plus(found[2].Gradient * Held(weights[1]))), 0, 1e-5);

        double Tokens(int[] batch) => batch.Sum(number => samples[number].TargetLength);
    }

    [Fact]
    public void Stops_below_the_stop_loss()
    {
        var breadth = Train(Options with { StopLoss = 1000 }, TinySession.All);
        var depth = Train(Options with { StopLoss = 1000, Pipeline = Pipeline.DepthFirst }, TinySession.All);
        Assert.Equal((0, 0), (breadth.Result.Steps, depth.Result.Steps));
        var learning = Options with { Pipeline = Pipeline.DepthFirst, LearningRate = 0.02, Steps = 300, StopLoss = 0.05 };
        var learnt = Train(learning, [TinySession.Ada]);
        Assert.InRange(learnt.Result.Loss, 0, 0.05);
        Assert.InRange(learnt.Result.Steps, 1, 299);
    }

    [Fact]
    public void Reports_edits_and_epochs()
    {
        var lines = new List<string>();
        Train(Options with { Pipeline = Pipeline.DepthFirst, Steps = 1, Order = EditOrder.Reversed }, TinySession.All, lines: lines);
        Train(Options with { Epochs = 2 }, TinySession.All, lines: lines);
        Assert.Equal(["edit 1/3", "edit 2/3", "edit 3/3", "epoch 1/2", "epoch 2/2"], lines.Select(line => line.Split(" loss ")[0]));
    }

    private static (FineTuningResult Result, double[] Weight) Train(
        FineTuningOptions options, IReadOnlyList<EditRequest> requests, int firstLayer = 2, List<string>? lines = null)
    {
        using var tiny = new TinySession(progress: lines is null ? null : new Lines(lines));
        var weight_OI = tiny.Model.Parameter(Sites.DownProjection(2));
        using var trained = new TrainedWeights([weight_OI], firstLayer);
        var result = new FineTuner(tiny.Session, options).Run(TrainingSamples.New(tiny.Session, requests, options.AppendEos), trained);
        return (result, Numbers.Of(weight_OI));
    }

    private sealed class Lines(List<string> lines) : IProgress<string>
    {
        public void Report(string value) => lines.Add(value);
    }
}
