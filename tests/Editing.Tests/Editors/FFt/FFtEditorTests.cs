// Changes keep the shapes of the weights; no letter is needed.
using Harness.Editing;
using Harness.Editing.Editors.FFt;
using Harness.Editing.Editors.FullFt;
using Harness.Editing.Pipelines;

namespace Harness.Tests.Editors.FFt;

public sealed class FFtEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static FFtOptions Small => new() { Tuning = TinyOptions.Tuning, OldKnowledge = OldKnowledge.Model, EditsAtOnce = 2 };

    private static readonly FineTuningOptions Tuning = new() { BatchSize = 2, Epochs = 2, LearningRate = 1e-3, StopLoss = 0 };

    [Fact]
    public void With_lambda_zero_it_is_full_fine_tuning()
    {
        using var tiny = new TinySession();
        using var full = EditorRegistry.Find("full-ft").Create(new FullFtOptions { Tuning = Tuning }).Edit(tiny.Session, TinySession.All);
        using var forgetful = EditorRegistry.Find("f-ft").Create(new FFtOptions { Lambda = 0, Tuning = Tuning })
            .Edit(tiny.Session, TinySession.All);
        Assert.Equal(full.Deltas.Select(delta => delta.Parameter), forgetful.Deltas.Select(delta => delta.Parameter));
        Assert.All(full.Deltas.Zip(forgetful.Deltas),
            pair => Assert.Equal(pair.First.Whole_OI!.bytes.ToArray(), pair.Second.Whole_OI!.bytes.ToArray()));
        Assert.Equal(full.Figures["loss"], forgetful.Figures["loss"]);
    }

    [Fact]
    public void Learns_from_the_model_minus_lambda_times_what_the_old_answers_add()
    {
        using var tiny = new TinySession();
        var tuning = Tuning with { Shuffle = false };
        var learner = EditorRegistry.Find("full-ft").Create(new FullFtOptions { Tuning = tuning });
        using var old = learner.Edit(tiny.Session, [.. TinySession.All.Select(request => request with { TargetNew = request.TargetOld })]);
        var wanted = new Dictionary<string, double[]>();
        using (var away = new Edit([.. old.Deltas.Select(Away)], new Dictionary<string, double>()))
        using (away.ApplyTo(tiny.Model))
        {
            using var learnt = learner.Edit(tiny.Session, TinySession.All);
            foreach (var (first, second) in away.Deltas.Zip(learnt.Deltas))
                wanted[first.Parameter] = [.. Numbers.Of(first.Whole_OI!).Zip(Numbers.Of(second.Whole_OI!), (a, b) => a + b)];
        }

        using var edit = EditorRegistry.Find("f-ft").Create(new FFtOptions { Lambda = 0.5, Tuning = tuning })
            .Edit(tiny.Session, TinySession.All);
        Assert.All(edit.Deltas, delta =>
            Assert.All(Numbers.Of(delta.Whole_OI!).Zip(wanted[delta.Parameter]), pair => Assert.Equal(pair.Second, pair.First, 1e-6)));
        Assert.Equal(old.Figures["loss"], edit.Figures["loss-old"]);

        static WeightDelta Away(WeightDelta delta)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            return WeightDelta.Dense(delta.Parameter, delta.Whole_OI! * Held(-0.5));
        }
    }

    [Fact]
    public void In_batches_it_tells_of_each()
    {
        var told = new List<int>();
        using var tiny = new TinySession();
        var options = (FFtOptions)new FFtOptions { Tuning = Tuning }.Sequential(2);
        using var edit = EditorRegistry.Find("f-ft").Create(options)
            .Edit(tiny.Session with { AfterBatch = (batch, _) => told.Add(batch.Count) }, TinySession.All);
        Assert.Equal([2, 1], told);
    }
}
