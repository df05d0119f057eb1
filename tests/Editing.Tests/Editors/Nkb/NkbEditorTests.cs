using Harness.Editing;
using Harness.Editing.Editors.Nkb;
using Harness.Editing.Neurons;
using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Tests.Editors.Nkb;

public sealed class NkbEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static NkbOptions Small => new() { Slots = 4, BatchSize = 2, Tuning = TinyOptions.Tuning };

    private static readonly NkbOptions Options = new() { Slots = 64, Tuning = new() { LearningRate = 0.01, Epochs = 100 } };

    [Fact]
    public void Corrects_all_edits_by_slots_with_the_FFN_s_own_activation()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options);
        Assert.Empty(edit.Deltas);
        Assert.Equal([64, TinySession.Width], edit.Module!.Tensors["keys"].shape);
        Assert.Equal("silu", edit.Module.Settings["activation"]!.GetValue<string>());
        Assert.Equal(2, edit.Module.Settings["layer"]!.GetValue<int>());
        Assert.All(Numbers.Of(edit.Module.Tensors["biases"]), bias => Assert.Equal(0, bias));
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.All(TinySession.All, request => Assert.True(tiny.Answers(request)));
    }

    [Fact]
    public void Begins_with_the_model_as_it_was()
    {
        using var tiny = new TinySession();
        var samples = TrainingSamples.New(tiny.Session, TinySession.All, appendEos: true);
        var before = TeacherForcing.Run(tiny.Model, samples).Average(answer => answer.MeanNll);
        using var edit = Edit(tiny, Options with { Tuning = Options.Tuning with { Epochs = 1 } });
        Assert.Equal(before, edit.Figures["loss"], 1e-5);

        // The first update moves values alone: at values of 0 keys have no gradient.
        using var twice = Edit(tiny, Options with { Tuning = Options.Tuning with { Epochs = 2 } });
        Assert.All(Numbers.Of(edit.Module!.Tensors["keys"]), key => Assert.InRange(Math.Abs(key), 0, 1 / Math.Sqrt(TinySession.Width)));
        Assert.NotEqual(Numbers.Of(edit.Module.Tensors["keys"]), Numbers.Of(twice.Module!.Tensors["keys"]));
        Assert.Contains(Numbers.Of(edit.Module.Tensors["values"]), value => value != 0);
    }

    [Fact]
    public void Works_beside_another_layer_with_another_activation()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options with { Layer = 0, Activation = NeuronActivation.Relu });
        Assert.Equal("relu", edit.Module!.Settings["activation"]!.GetValue<string>());
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.All(TinySession.All, request => Assert.True(tiny.Answers(request)));
    }

    [Fact]
    public void Trains_the_same_slots_further_with_every_batch_and_takes_them_off_in_between()
    {
        using var tiny = new TinySession();
        var before = tiny.Answers(TinySession.Ada);
        var seen = new List<(int Edits, long Slots, bool Answers)>();
        var session = tiny.Session with
        {
            AfterBatch = (batch, module) => seen.Add((batch.Count, module!.Tensors["keys"].shape[0], tiny.Answers(TinySession.Ada))),
        };
        using var edit = EditorRegistry.Find("nkb").Create(Options.Sequential(2)).Edit(session, TinySession.All);
        Assert.Equal([(2, 64, before), (1, 64, before)], seen);
    }

    private static Edit Edit(TinySession tiny, NkbOptions options) =>
        EditorRegistry.Find("nkb").Create(options).Edit(tiny.Session, TinySession.All);
}
