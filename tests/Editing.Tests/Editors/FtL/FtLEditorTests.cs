// V = vocabulary.
using Harness.Editing;
using Harness.Editing.Editors.FtL;
using Harness.Editing.Pipelines;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.FtL;

public sealed class FtLEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static FtLOptions Small => new() { Layer = 1, Tuning = TinyOptions.Tuning };

    [Fact]
    public void Loss_reads_every_target_token_at_the_last_prompt_token()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var samples = TrainingSamples.New(tiny.Session, TinySession.All, appendEos: true);
        Assert.Contains(samples, sample => sample.TargetLength > 1);
        var wanted = samples.Select(sample => ByHand(tiny.Model, sample)).ToList();
        foreach (var firstLayer in new[] { TrainedWeights.BeforeLayers, 1 })
        {
            using var bySample = new TrainingForward(tiny.Model, samples, firstLayer, LossAverage.Sample, TargetReading.LastPromptToken);
            Assert.Equal(wanted.Average(losses => losses.Average()), bySample.Loss([0, 1, 2]).AsDouble(), 1e-5);
            using var byToken = new TrainingForward(tiny.Model, samples, firstLayer, LossAverage.Token, TargetReading.LastPromptToken);
            Assert.Equal(wanted.SelectMany(losses => losses).Average(), byToken.Loss([0, 1, 2]).AsDouble(), 1e-5);
        }
    }

    [Fact]
    public void A_large_batch_has_the_same_loss_in_parts()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var samples = TrainingSamples.New(tiny.Session, [.. Enumerable.Range(0, 70).Select(i => TinySession.All[i % 3])], appendEos: true);
        using var forward = new TrainingForward(tiny.Model, samples, 1, LossAverage.Sample, TargetReading.LastPromptToken);
        Assert.Equal(samples.Average(sample => ByHand(tiny.Model, sample).Average()),
            forward.Loss([.. Enumerable.Range(0, 70)]).AsDouble(), 1e-5);
    }

    [Fact]
    public void Stays_in_the_ball_unless_told_otherwise()
    {
        double Largest(double? epsilon)
        {
            using var tiny = new TinySession();
            var options = new FtLOptions { Layer = 1, Epsilon = epsilon };
            using var edit = EditorRegistry.Find("ft-l").Create(options).Edit(tiny.Session, TinySession.All);
            Assert.Equal([Sites.DownProjection(1)], edit.Deltas.Select(delta => delta.Parameter));
            return Numbers.Of(edit.Deltas[0].Whole_OI!).Max(Math.Abs);
        }

        Assert.InRange(Largest(5e-4), 4.99e-4, 5e-4 + 6e-8);
        Assert.True(Largest(null) > 1e-3);
    }

    // −log p of each target token in the distribution behind the prompt, which is run alone.
    private static double[] ByHand(Transformer model, Sequence sample)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        long[] prompt = [.. sample.Ids.Take(sample.TargetStart).Select(id => (long)id)];
        var hidden_BTD = model.Run(model.Embed(tensor(prompt, [1, prompt.Length])), 0, model.Config.Layers);
        var logits_V = Numbers.Of(model.Head(hidden_BTD.select(1, prompt.Length - 1)));
        var logSum = Math.Log(logits_V.Sum(logit => Math.Exp(logit - logits_V.Max()))) + logits_V.Max();
        return [.. sample.Ids.Skip(sample.TargetStart).Select(id => logSum - logits_V[id])];
    }
}
