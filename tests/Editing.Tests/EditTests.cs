using Harness.Editing;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class EditTests
{
    [Fact]
    public void Comes_back_from_its_file_and_gives_the_same_bytes_again()
    {
        using var scope = NewDisposeScope();
        using var edit = Sample();
        var (first, second) = (Path.GetTempFileName(), Path.GetTempFileName());
        edit.Save(first);
        using var loaded = Edit.Load(first);
        loaded.Save(second);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        Assert.Equal(edit.Figures, loaded.Figures);
        Assert.Equal([false, true], loaded.Deltas.Select(delta => delta.IsLowRank));
        Assert.All(
            edit.Deltas.Zip(loaded.Deltas), pair => Assert.Equal(Numbers.Of(pair.First.ToDense()), Numbers.Of(pair.Second.ToDense())));
        File.Delete(first);
        File.Delete(second);
    }

    [Fact]
    public void Is_put_on_nothing_but_what_it_was_made_on()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tiny = new TinySession();
        using var edit = Sample();
        var based = edit.BaseIn(tiny.Model);
        Assert.Equal([Sites.FinalNorm, Sites.DownProjection(1)], based.Keys);
        var file = Path.GetTempFileName();
        edit.Save(file, based);
        using var loaded = Edit.Load(file);
        Assert.Equal(based, loaded.Base);
        var before = tiny.WeightHash();
        loaded.ApplyTo(tiny.Model).Dispose();
        Assert.Equal(before, tiny.WeightHash());

        // A weight that it does not change may be another one.
        tiny.Model.Parameter(Sites.Embedding).mul_(Held(2));
        loaded.ApplyTo(tiny.Model).Dispose();
        tiny.Model.Parameter(Sites.DownProjection(1)).mul_(Held(2));
        before = tiny.WeightHash();
        var error = Assert.Throws<InputException>(() => loaded.AddTo(tiny.Model));
        Assert.Equal(
            $"The edit was made on other values of '{Sites.DownProjection(1)}' than the model has. Apply it to the model that it was " +
                "made on, as it was before; make it again for another one.",
            error.Message);
        Assert.Equal(before, tiny.WeightHash());
        edit.ApplyTo(tiny.Model).Dispose();
        File.Delete(file);
    }

    [Fact]
    public void Restores_the_weights_bit_for_bit_even_when_an_exception_is_thrown_inside()
    {
        using var scope = NewDisposeScope();
        using var tiny = new TinySession();
        using var edit = Sample();
        var before = tiny.WeightHash();
        var count = Tensor.TotalCount;
        Assert.Throws<InvalidOperationException>(FailInside);
        Assert.Equal(before, tiny.WeightHash());
        Assert.Equal(count, Tensor.TotalCount);

        void FailInside()
        {
            using var applied = edit.ApplyTo(tiny.Model);
            using var second = edit.ApplyTo(tiny.Model);
            Assert.NotEqual(before, tiny.WeightHash());
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public void Adds_dense_and_low_rank_changes()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var tiny = new TinySession();
        using var edit = Sample();
        var name = Sites.DownProjection(1);
        var expected = Numbers.Of(tiny.Model.Parameter(name).Plus(edit.Deltas[1].Left_OR!.matmul(edit.Deltas[1].Right_RI!)));
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.Equal(expected, Numbers.Of(tiny.Model.Parameter(name)));
        Assert.Equal(Enumerable.Repeat(3.0, TinySession.Width), Numbers.Of(tiny.Model.Parameter(Sites.FinalNorm)));
    }

    [Fact]
    public void Stays_on_a_model_that_is_to_keep_it()
    {
        using var scope = NewDisposeScope();
        using var tiny = new TinySession();
        using var edit = Sample();
        using var kept = new TinySession();
        edit.AddTo(kept.Model);
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.Equal(tiny.WeightHash(), kept.WeightHash());
    }

    [Fact]
    public void Refuses_another_model_and_leaves_it_unchanged()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var before = tiny.WeightHash();
        using var edit = new Edit(
            [WeightDelta.Dense(Sites.FinalNorm, ones(TinySession.Width)), WeightDelta.Dense(Sites.Query(0), ones(2, 2))],
            new Dictionary<string, double>());
        var error = Assert.Throws<InputException>(() => edit.ApplyTo(tiny.Model));
        Assert.Equal(
            "The edit changes 'model.layers.0.self_attn.q_proj.weight' of shape [2, 2], but the model's has shape [32, 32]. "
            + "Apply it to its own model.", error.Message);
        Assert.Equal(before, tiny.WeightHash());
    }

    private static Edit Sample()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5);
        return new Edit(
            [
                WeightDelta.Dense(Sites.FinalNorm, ones(TinySession.Width) * Held(2)),
                WeightDelta.LowRank(
                    Sites.DownProjection(1),
                    randn([TinySession.Width, 2], generator: random),
                    randn([2, 2 * TinySession.Width], generator: random)),
            ],
            new Dictionary<string, double> { ["loss"] = 0.1 + 0.2, ["steps"] = 12 });
    }
}
