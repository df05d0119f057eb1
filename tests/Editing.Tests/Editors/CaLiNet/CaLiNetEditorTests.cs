using Harness.Editing;
using Harness.Editing.Editors.CaLiNet;

namespace Harness.Tests.Editors.CaLiNet;

public sealed class CaLiNetEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static CaLiNetOptions Small => new() { Neurons = 4, BatchSize = 2, Tuning = TinyOptions.Tuning };

    private static readonly CaLiNetOptions Options = new() { Neurons = 16 };

    [Fact]
    public void Corrects_all_edits_by_one_extra_FFN_beside_the_last()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options);
        Assert.Empty(edit.Deltas);
        Assert.Equal([16, TinySession.Width], edit.Module!.Tensors["keys"].shape);
        Assert.Equal(2, edit.Module.Settings["layer"]!.GetValue<int>());
        Assert.All(Numbers.Of(edit.Module.Tensors["biases"]), bias => Assert.Equal(0, bias));
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.All(TinySession.All, request => Assert.True(tiny.Answers(request)));
    }

    [Fact]
    public void Works_beside_another_layer()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options with { Layer = 0 });
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.All(TinySession.All, request => Assert.True(tiny.Answers(request)));
    }

    [Fact]
    public void Trains_the_same_neurons_further_with_every_batch_and_takes_them_off_in_between()
    {
        using var tiny = new TinySession();
        var before = tiny.Answers(TinySession.Ada);
        var seen = new List<(int Edits, long Neurons, bool Answers)>();
        var session = tiny.Session with
        {
            AfterBatch = (batch, module) => seen.Add((batch.Count, module!.Tensors["keys"].shape[0], tiny.Answers(TinySession.Ada))),
        };
        using var edit = EditorRegistry.Find("calinet").Create(Options.Sequential(2)).Edit(session, TinySession.All);
        Assert.Equal([(2, 16, before), (1, 16, before)], seen);
    }

    private static Edit Edit(TinySession tiny, CaLiNetOptions options) =>
        EditorRegistry.Find("calinet").Create(options).Edit(tiny.Session, TinySession.All);
}
