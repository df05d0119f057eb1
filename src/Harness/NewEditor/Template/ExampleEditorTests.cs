using Harness.Editing;
using Harness.Editing.Editors.Example;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Example;

/// <summary>Replace by: the defining equation of the method, or an identity that it must fulfil.</summary>
public sealed class ExampleEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static ExampleOptions Small => new() { Layer = 1, Tuning = TinyOptions.Tuning };

    [Fact]
    public void Keeps_a_share_of_what_fine_tuning_changes()
    {
        using var scope = NewDisposeScope();
        using var whole = Edit(Small with { Share = 1 });
        using var half = Edit(Small with { Share = 0.5 });
        Assert.Equal([Sites.DownProjection(1)], half.Deltas.Select(delta => delta.Parameter));
        Assert.Equal(Numbers.Of(whole.Deltas[0].ToDense()).Select(change => change / 2), Numbers.Of(half.Deltas[0].ToDense()));
    }

    [Fact]
    public void Refuses_a_share_above_one()
    {
        var error = Assert.Throws<InputException>(() => Edit(Small with { Share = 1.5 }));
        Assert.Equal("Options of editor 'example': share: found 1.5, expected above 0 and at most 1.", error.Message);
    }

    private static Edit Edit(ExampleOptions options)
    {
        using var tiny = new TinySession();
        return ExampleEditor.Descriptor.Create(options).Edit(tiny.Session, TinySession.All);
    }
}
