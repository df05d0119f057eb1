using Harness.Editing;
using Harness.Editing.Editors.DftFt;
using Harness.Editing.Editors.FullFt;
using Harness.Editing.Pipelines;

namespace Harness.Tests.Editors.DftFt;

public sealed class DftFtEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static DftFtOptions Small => new()
    {
        MaxRounds = 2,
        InnerLearningRate = 1e-3,
        KeepOptimiserState = true,
        OldKnowledge = OldKnowledge.Model,
    };

    [Theory]
    [InlineData(OldKnowledge.DataSet)]
    [InlineData(OldKnowledge.Model)]
    public void Repeats_until_every_request_is_answered(OldKnowledge oldKnowledge)
    {
        using var tiny = new TinySession();
        var options = new DftFtOptions
        {
            InnerLearningRate = 3e-3,
            MaxRounds = 60,
            BatchSize = 1,
            GradientAccumulation = 1,
            OldKnowledge = oldKnowledge,
        };
        using var edit = EditorRegistry.Find("dft-ft").Create(options).Edit(tiny.Session, TinySession.All);
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.InRange(edit.Figures["rounds"], 1, 59);
        Assert.Equal(1, edit.Figures["answered"]);
        Assert.All(TinySession.All, request => Assert.True(tiny.Answers(request)));
    }

    [Fact]
    public void In_batches_it_tells_of_each_while_the_weights_hold_it()
    {
        using var tiny = new TinySession();
        var told = new List<(int Count, double[] Weight)>();
        var options = new DftFtOptions { InnerLearningRate = 1e-3, MaxRounds = 1 };
        using var edit = EditorRegistry.Find("dft-ft").Create(options.Sequential(2))
            .Edit(tiny.Session with { AfterBatch = (batch, _) => told.Add((batch.Count, Weight())) }, TinySession.All);
        Assert.Equal([2, 1], told.Select(batch => batch.Count));
        Assert.Equal(2, edit.Figures["rounds"]);

        // Three epochs of one batch, for what is old and for what is new, in a round for each of the two batches.
        Assert.Equal(12, edit.Figures["steps"]);
        Assert.InRange(edit.Figures["old-cosine"], -1, 1);
        Assert.True(edit.Figures["old-size"] > 0);
        Assert.NotEqual(Weight(), told[0].Weight);
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.All(Weight().Zip(told[1].Weight), pair => Assert.Equal(pair.First, pair.Second, 1e-6));

        double[] Weight() => Numbers.Of(tiny.Model.Parameter(Harness.Models.Sites.DownProjection(1)));
    }

    [Fact]
    public void Without_the_old_it_is_fine_tuning_round_by_round()
    {
        using var tiny = new TinySession();
        var options = new DftFtOptions { InnerLearningRate = 1e-3, MaxRounds = 1, Mask = CoreMask.Largest, TopShare = 1 };
        using var edit = EditorRegistry.Find("dft-ft").Create(options).Edit(tiny.Session, TinySession.All);
        using var tuned = EditorRegistry.Find("full-ft").Create(new FullFtOptions
        {
            Tuning = new()
            {
                Epochs = 3,
                BatchSize = 4,
                GradientAccumulation = 4,
                LearningRate = 1e-3,
                StopLoss = 0,
            },
        }).Edit(tiny.Session, TinySession.All);
        Assert.Equal(3, edit.Figures["steps"]);
        Assert.False(edit.Figures.ContainsKey("old-cosine"));
        Assert.All(edit.Deltas.Zip(tuned.Deltas), pair => Assert.All(
            Numbers.Of(pair.First.Whole_OI!).Zip(Numbers.Of(pair.Second.Whole_OI!)),
            numbers => Assert.Equal(numbers.Second, numbers.First, 1e-6)));
    }

    [Fact]
    public void Changes_no_more_than_the_top_share_in_one_round()
    {
        using var tiny = new TinySession();
        var options = new DftFtOptions { InnerLearningRate = 1e-3, MaxRounds = 1, TopShare = 0.05 };
        using var edit = EditorRegistry.Find("dft-ft").Create(options).Edit(tiny.Session, TinySession.All);
        Assert.All(edit.Deltas, delta =>
        {
            var changes = Numbers.Of(delta.Whole_OI!);
            Assert.InRange(changes.Count(change => change != 0), 0, (int)Math.Ceiling(changes.Length * 0.05));
        });
    }
}
