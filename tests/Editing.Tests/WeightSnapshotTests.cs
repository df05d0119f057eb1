using Harness.Editing;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class WeightSnapshotTests
{
    private static readonly string[] Named = [Sites.DownProjection(1), Sites.FinalNorm];

    [Fact]
    public void Tells_what_has_changed_since_of_what_was_named()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tiny = new TinySession();
        using var snapshot = new WeightSnapshot(tiny.Model, Named);
        var before = Numbers.Of(tiny.Model.Parameter(Sites.FinalNorm));
        tiny.Model.Parameter(Sites.FinalNorm).add_(Held(2));
        tiny.Model.Parameter(Sites.Embedding).add_(Held(2));
        Assert.Equal(Named, snapshot.Names);
        Assert.Equal(before, Numbers.Of(snapshot.Original(Sites.FinalNorm)));
        var deltas = snapshot.Deltas();
        Assert.Equal(Named, deltas.Select(delta => delta.Parameter));
        Assert.All(Numbers.Of(deltas[0].ToDense()), change => Assert.Equal(0, change));
        Assert.All(Numbers.Of(deltas[1].ToDense()), change => Assert.Equal(2, change));
        Assert.All(Numbers.Of(snapshot.Changes()[1]), change => Assert.Equal(2, change));
        foreach (var delta in deltas) delta.Dispose();
    }

    [Fact]
    public void Puts_back_bit_for_bit_any_number_of_times()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tiny = new TinySession();
        var before = tiny.WeightHash();
        var snapshot = new WeightSnapshot(tiny.Model, Named);
        for (var round = 0; round < 2; round++)
        {
            Change(tiny.Model);
            Assert.NotEqual(before, tiny.WeightHash());
            snapshot.Restore();
            Assert.Equal(before, tiny.WeightHash());
        }

        Change(tiny.Model);
        snapshot.Dispose();
        Assert.Equal(before, tiny.WeightHash());

        // The second time it has ended and puts nothing back.
        Change(tiny.Model);
        var changed = tiny.WeightHash();
        snapshot.Dispose();
        Assert.Equal(changed, tiny.WeightHash());
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var tiny = new TinySession();
        for (var round = 0; round < 2; round++)
        {
            TensorLeaks.Check("a snapshot of weights", () =>
            {
                using var scope = NewDisposeScope();
                using var snapshot = new WeightSnapshot(tiny.Model, Named);
                snapshot.Changes();
                foreach (var delta in snapshot.Deltas()) delta.Dispose();
            });
        }
    }

    private static void Change(Transformer model)
    {
        foreach (var name in Named) model.Parameter(name).mul_(Held(1.1));
    }
}
