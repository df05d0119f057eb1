using Harness.Editing;
using Harness.Editing.Editors.AdaLora;
using Harness.Editing.Editors.FtC;
using Harness.Editing.Editors.FtL;
using Harness.Editing.Editors.FtM;
using Harness.Editing.Editors.FtW;
using Harness.Editing.Editors.FullFt;
using Harness.Editing.Editors.LocFtBf;
using Harness.Editing.Editors.LocFtBfAug;
using Harness.Editing.Editors.Lora;
using Harness.Editing.Editors.RoseLora;
using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Tests.Pipelines;

/// <summary>What holds for each editor whose whole work is one run of the <see cref="FineTuner"/>.</summary>
public sealed class EveryTuningTests
{
    public static TheoryData<string> Names =>
        ["full-ft", "ft-c", "ft-l", "ft-m", "ft-w", "locft-bf", "locft-bf-aug", "lora", "adalora", "roselora"];

    /// <summary>
    /// The pipelines agree to the byte for one edit where there are as many steps as epochs, a batch holds all of the edit's samples, and
    /// the gradients of no two batches are added up. Everything else is alike: the update rule, the loss below which they stop, dropout.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Breadth_first_with_one_edit_equals_depth_first(string name)
    {
        var tuning = new FineTuningOptions
        {
            LearningRate = 2e-3,
            Epochs = 4,
            Steps = 4,
            BatchSize = name == "locft-bf-aug" ? 6 : 1,
            Shuffle = name != "locft-bf-aug"
        };
        Assert.Equal(Bytes(tuning with { Pipeline = Pipeline.DepthFirst, BatchSize = 1 }), Bytes(tuning));

        byte[] Bytes(FineTuningOptions tuning)
        {
            using var tiny = new TinySession();
            using var edit = EditorRegistry.Find(name).Create(Options(name, tuning)).Edit(tiny.Session, [TinySession.Ada]);
            Assert.Equal(4, edit.Figures["steps"]);
            var file = Path.GetTempFileName();
            edit.Save(file);
            var bytes = File.ReadAllBytes(file);
            File.Delete(file);
            return bytes;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Edits_in_batches_and_tells_of_each_while_the_weights_hold_it(string name)
    {
        using var tiny = new TinySession();
        var told = new List<(int[] Ids, double Loss)>();
        var samples = TrainingSamples.New(tiny.Session, TinySession.All, appendEos: true);
        var options = ((IEditorOptions)Options(name, new() { LearningRate = 2e-3, Epochs = 3 })).Sequential(2)!;
        using var edit = EditorRegistry.Find(name).Create(options).Edit(tiny.Session with { AfterBatch = Tell }, TinySession.All);
        Assert.Equal([[0, 1], [2]], told.Select(batch => batch.Ids));
        Assert.NotEqual(Loss(), told[0].Loss, 1e-5);
        using var applied = edit.ApplyTo(tiny.Model);
        if (name != "adalora")
            Assert.Equal(Loss(), told[1].Loss, 1e-5);

        // The same without anybody who is told.
        using var alone = new TinySession();
        using var quiet = EditorRegistry.Find(name).Create(options).Edit(alone.Session, TinySession.All);
        foreach (var (heard, unheard) in edit.Deltas.Zip(quiet.Deltas))
        {
            using var first = heard.ToDense();
            using var second = unheard.ToDense();
            Assert.Equal(Numbers.Of(second), Numbers.Of(first));
        }

        void Tell(IReadOnlyList<EditRequest> batch, EditModule? module)
        {
            Assert.Null(module);
            told.Add(([.. batch.Select(request => request.Id)], Loss()));
        }

        double Loss() => TeacherForcing.Run(tiny.Model, samples).Sum(forced => forced.MeanNll);
    }

    [Fact]
    public void A_batch_has_as_many_updates_as_there_were_epochs()
    {
        var breadth = new FineTuningOptions { Epochs = 7, Steps = 9 };
        Assert.Equal((Pipeline.DepthFirst, 10, 7),
            (breadth.Sequential(10).Pipeline, breadth.Sequential(10).BatchSize, breadth.Sequential(10).Steps));
        Assert.Equal(9, (breadth with { Pipeline = Pipeline.DepthFirst }).Sequential(10).Steps);
    }

    private static object Options(string name, FineTuningOptions tuning) => name switch
    {
        "full-ft" => new FullFtOptions { Tuning = tuning },
        "ft-c" => new FtCOptions { Layer = 1, Tuning = tuning },
        "ft-l" => new FtLOptions { Layer = 1, Tuning = tuning },
        "ft-m" => new FtMOptions { Layer = 1, Tuning = tuning },
        "ft-w" => new FtWOptions { Layer = 1, Tuning = tuning },
        "locft-bf" => new LocFtBfOptions { Layer = 1, Tuning = tuning },
        "locft-bf-aug" => new LocFtBfAugOptions { Layer = 1, Tuning = tuning },
        "lora" => new LoraOptions { Rank = 2, Tuning = tuning },
        "roselora" => new RoseLoraOptions { Rank = 2, DensePasses = 1, SparseFrom = 3, Density = 0.3, Tuning = tuning },
        _ => new AdaLoraOptions { InitialRank = 3, TargetRank = 2, Tuning = tuning },
    };
}
