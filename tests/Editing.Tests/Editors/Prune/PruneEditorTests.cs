// O = rows of the weight, I = columns.
using Harness.Editing;
using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.Prune;
using Harness.Models;
using Harness.Tests.Locating;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Prune;

public sealed class PruneEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static PruneOptions Small => new() { Rome = new() { Layer = 1, Value = TinyOptions.Value, Contexts = TinyOptions.Contexts } };

    private static readonly MemitOptions Memit =
        new()
        {
            Layers = [1],
            Contexts = TinyKeys.NoContexts,
            CovarianceWeight = 1e-3,
            BatchSize = 1,
            Value = new() { Clamp = 50, StopLoss = 0, WeightDecay = 0 }
        };

    [Theory]
    [InlineData(Math.E)]
    [InlineData(2)]
    public void Brings_large_singular_values_down_and_leaves_the_others(double logBase)
    {
        using var scope = NewDisposeScope();
        var (left_OO, _) = linalg.qr(TinyKeys.Random(6, 1).Covariance_II);
        var (right_II, _) = linalg.qr(TinyKeys.Random(8, 1).Covariance_II);
        double[] values = [100, 7, 4.5, 4, 1, 0.1];
        using var delta = WeightDelta.Dense("w", left_OO.matmul(tensor(values).diag()).matmul(right_II.narrow(0, 0, 6)));
        var weight_OI = left_OO.matmul(tensor(new double[] { 1, 4, 2, 0, 3, 1 }).diag()).matmul(right_II.narrow(0, 2, 6));
        using var restrained = new PruneEditor(new PruneOptions { LogBase = logBase }).Restrained(delta, weight_OI);
        var expected = values.Select(value => value > 4 ? Math.Log(value / 4, logBase) + 4 : value);
        Assert.All(expected.Zip(Numbers.Singular(restrained.ToDense())), pair => Assert.Equal(pair.First, pair.Second, 1e-4));

        // The directions stay.
        var turned_OO = left_OO.t().matmul(TinyKeys.Dense(restrained)).matmul(right_II.narrow(0, 0, 6).t());
        Assert.InRange(Numbers.Distance(turned_OO, tensor(expected.ToArray()).diag()), 0, 1e-5);
    }

    [Fact]
    public void Bounds_every_singular_value_of_what_MEMIT_wrote_in_all()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var limit = Numbers.Singular(tiny.Model.Parameter(Sites.DownProjection(1)))[0];
        using var memit = EditorRegistry.Find("memit").Create(Memit).Edit(tiny.Session, TinySession.All);
        using var edit = Edit(tiny.Session);
        var (free, restrained) = (Numbers.Singular(memit.Deltas[0].ToDense()), Numbers.Singular(edit.Deltas[0].ToDense()));
        Assert.True(edit.Deltas[0].IsLowRank);
        Assert.True(free[0] > 1.5 * limit);
        Assert.All(free.Zip(restrained), pair =>
            Assert.Equal(pair.First > limit ? Math.Log(pair.First / limit) + limit : pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void Shows_the_restrained_model_after_each_batch_and_goes_on_from_the_free_one()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var weight_OI = tiny.Model.Parameter(Sites.DownProjection(1));
        var (before_OI, shown) = (weight_OI.clone(), new List<double[]>());
        using var edit = Edit(tiny.Session with { AfterBatch = (_, _) => shown.Add(Numbers.Of(weight_OI - before_OI)) });
        using var quiet = Edit(tiny.Session);
        using var first = EditorRegistry.Find("prune").Create(new PruneOptions { Memit = Memit }).Edit(tiny.Session, [TinySession.Ada]);
        Assert.Equal(3, shown.Count);
        Assert.Equal(Numbers.Of(quiet.Deltas[0].ToDense()), Numbers.Of(edit.Deltas[0].ToDense()));
        Assert.InRange(Numbers.Distance(tensor(shown[0]), first.Deltas[0].ToDense()), 0, 1e-4);
        Assert.InRange(Numbers.Distance(tensor(shown[2]), edit.Deltas[0].ToDense()), 0, 1e-4);
    }

    private static Edit Edit(EditSession session) =>
        EditorRegistry.Find("prune").Create(new PruneOptions { Memit = Memit }).Edit(session, TinySession.All);
}
