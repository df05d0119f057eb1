using Harness.Editing;
using Harness.Editing.Editors.PlugAndPlay;
using Harness.Editing.Memory;
using Harness.Models;

namespace Harness.Tests.Editors.PlugAndPlay;

public sealed class PlugAndPlayEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static PlugAndPlayOptions Small =>
        new() { Layer = 1, Adapter = new() { Rank = 2, Tuning = TinyOptions.Tuning }, BatchSize = 2 };

    private static readonly PlugAndPlayOptions Options = new()
    {
        Layer = 1,
        Threshold = 0.99999,
        Adapter = new() { Dropout = 0, Tuning = new() { LearningRate = 1e-2, Epochs = 80 } },
        BatchSize = 2,
    };

    [Fact]
    public void Answers_what_it_remembers_and_leaves_every_other_prompt_as_it_was()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options);
        Assert.Empty(edit.Deltas);
        var asked = new EditedModel(tiny.Model, edit.Module);
        Assert.All(TinySession.All, request => Assert.True(Answers(tiny, asked, request)));
        var other = tiny.Session.Encode("Where was Edsger Dijkstra born?", "Oslo", false);
        Assert.Null(edit.Module!.Route(tiny.Model, [other.Ids[..other.TargetStart]])[0]);
        Assert.Equal(TeacherForcing.Run(tiny.Model, [other])[0].MeanNll, asked.Force([other])[0].MeanNll);
    }

    [Fact]
    public void Each_batch_s_module_is_LoRA_on_the_unedited_model()
    {
        using var tiny = new TinySession();
        var before = tiny.WeightHash();
        using var edit = Edit(tiny, Options);
        var routes = edit.Module!.Route(tiny.Model, [.. TinySession.All.Select(request => PromptStates.Ids(tiny.Session, request.Prompt))]);
        Assert.Equal([0, 0, 1], routes.Select(route => route!.Variant));
        Assert.All(routes.Zip(TinySession.All), pair =>
            Assert.Equal(PromptStates.Ids(tiny.Session, pair.Second.Prompt), pair.First!.Prompt));

        // One batch of all is the editor of that name, to the bit.
        using var alone = Edit(tiny, Options with { BatchSize = 0 });
        using var lora = EditorRegistry.Find("lora").Create(Options.Adapter).Edit(tiny.Session, TinySession.All);
        string once;
        using (lora.ApplyTo(tiny.Model))
            once = tiny.WeightHash();
        using (alone.Module!.Enter(tiny.Model, 0, 1))
            Assert.Equal(once, tiny.WeightHash());
        using (edit.Module.Enter(tiny.Model, 1, 1))
            Assert.DoesNotContain(tiny.WeightHash(), new[] { once, before });
        Assert.Equal(before, tiny.WeightHash());
    }

    [Fact]
    public void Is_stored_and_read_back()
    {
        using var tiny = new TinySession();
        using var file = new TemporaryFile();
        using (var edit = Edit(tiny, Options))
            edit.Save(file.Path);
        using var read = Harness.Editing.Edit.Load(file.Path);
        var asked = new EditedModel(tiny.Model, read.Module);
        Assert.All(TinySession.All, request => Assert.True(Answers(tiny, asked, request)));
    }

    [Fact]
    public void Tells_of_each_batch_with_the_modules_so_far()
    {
        using var tiny = new TinySession();
        List<(int Edits, long Remembered)> told = [];
        using var edit = new PlugAndPlayEditor(Small).Edit(
            tiny.Session with { AfterBatch = (batch, module) => told.Add((batch.Count, module!.Tensors["prompts"].shape[0])) },
            TinySession.All);
        Assert.Equal([(2, 2), (1, 3)], told);
    }

    [Fact]
    public void A_module_of_another_model_is_refused()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Small);
        using var wider = Transformer.Create(tiny.Model.Config with { KeyValueHeads = 4 }, seed: 1);
        var error = Assert.Throws<InputException>(() => edit.ApplyTo(wider));
        Assert.Equal("The edit of 'plug-and-play' keeps 'batch.0/model.layers.0.self_attn.v_proj.weight.left': found [16, 2], "
            + "expected [32, any]. Apply it to its own model.", error.Message);
    }

    private static bool Answers(TinySession tiny, EditedModel model, EditRequest request)
    {
        var wanted = tiny.Session.Encode(request.Prompt, request.TargetNew, appendEos: false);
        return model.Force([wanted])[0].Argmax.AsSpan().SequenceEqual(wanted.Ids.AsSpan(wanted.TargetStart));
    }

    private static Edit Edit(TinySession tiny, PlugAndPlayOptions options) =>
        EditorRegistry.Find("plug-and-play").Create(options).Edit(tiny.Session, TinySession.All);
}
