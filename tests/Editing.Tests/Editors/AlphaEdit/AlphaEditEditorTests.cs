// I = MLP width, N = requests.
using Harness.Editing;
using Harness.Editing.Editors.AlphaEdit;
using Harness.Editing.Locating;
using Harness.Tests.Locating;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.AlphaEdit;

public sealed class AlphaEditEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static AlphaEditOptions Small => new()
    {
        Layers = [0, 1],
        Value = TinyOptions.Value,
        Contexts = TinyOptions.Contexts,
        BatchSize = 2,
        NullThreshold = 0.5,
    };

    private static readonly AlphaEditOptions Options =
        new() { Layers = [1], Value = new(), Contexts = TinyKeys.SomeContexts, NullThreshold = 0.8, L2 = 0.1, BatchSize = 0 };

    [Fact]
    public void Projects_on_the_directions_below_the_threshold()
    {
        using var scope = NewDisposeScope();
        var (covariance_II, _) = TinyKeys.Random(16, 1);
        var (turn_II, _) = linalg.qr(covariance_II);
        var values_I = tensor(new double[] { 0, 0.001, 0.0199, 0.02, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 });
        var projector_II = AlphaEditEditor.Projector(turn_II.matmul(values_I.diag()).matmul(turn_II.t()), 0.02 - 1e-9);
        Assert.InRange(Numbers.Distance(projector_II, turn_II.narrow(1, 0, 3).matmul(turn_II.narrow(1, 0, 3).t())), 0, 1e-9);
    }

    [Fact]
    public void Leaves_what_the_preserved_keys_give()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var edit = Edit(tiny, Options with { Layers = [0, 1], BatchSize = 2 });
        Assert.Equal(2, edit.Deltas.Count);
        Assert.InRange(edit.Figures["null-share"], 0.2, 0.8);
        for (var layer = 0; layer < 2; layer++)
        {
            var (covariance_II, delta_OI) = (tiny.Session.Statistics!.Covariance(layer), TinyKeys.Dense(edit.Deltas[layer]));
            var projector_II = AlphaEditEditor.Projector(covariance_II, 0.8);
            var size = delta_OI.norm(2f).AsDouble();
            Assert.True(size > 1e-2);
            Assert.InRange((delta_OI - delta_OI.matmul(projector_II)).norm(2f).AsDouble() / size, 0, 1e-6);

            // E‖ΔW k‖² = tr(ΔW C ΔWᵀ), of which only directions below the threshold are left.
            Assert.InRange(delta_OI.matmul(covariance_II).mul(delta_OI).sum().AsDouble(), 0, 0.8 * size * size);
        }
    }

    [Fact]
    public void Satisfies_its_normal_equations()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var contexts = Contexts.Sample(tiny.Session, Options.Contexts);
        var keys_NI = TinyKeys.Weighted(tiny, contexts, TinySession.All, 1);
        var rest_NO = TinyKeys.Delta(tiny, contexts, TinySession.All, 1, Options.Value);
        var projector_II = AlphaEditEditor.Projector(tiny.Session.Statistics!.Covariance(1), 0.8);
        using var edit = Edit(tiny, Options);
        var turned_IO = TinyKeys.Dense(edit.Deltas[0]).t();
        var left_IO = projector_II.matmul(keys_NI.t().matmul(keys_NI)).matmul(turned_IO).Plus(turned_IO * Held(0.1));
        Assert.InRange(Numbers.Distance(left_IO, projector_II.matmul(keys_NI.t()).matmul(rest_NO)), 0, 1e-4);
    }

    [Fact]
    public void Earlier_keys_weigh_as_the_batch_s_own()
    {
        using var scope = NewDisposeScope();
        var (covariance_II, keys_NI) = TinyKeys.Random(16, 5);
        var projector_II = AlphaEditEditor.Projector(covariance_II, 0.7);
        var (past_NI, own_NI) = (keys_NI.narrow(0, 0, 3), keys_NI.narrow(0, 3, 2));
        var together_IN = AlphaEditEditor.Solve(projector_II, keys_NI, zeros_like(covariance_II), 0.1);
        var apart_IN = AlphaEditEditor.Solve(projector_II, own_NI, past_NI.t().matmul(past_NI), 0.1);
        Assert.InRange(Numbers.Distance(apart_IN, together_IN.narrow(1, 3, 2)), 0, 1e-9);
    }

    [Fact]
    public void Says_when_nothing_is_free()
    {
        using var tiny = new TinySession();
        var error = Assert.Throws<InputException>(() => Edit(tiny, Options with { NullThreshold = 0.02 }));
        Assert.StartsWith(
            "alphaedit: no direction of layer 1's key covariance is below null-threshold 0.02, expected some; the smallest is ",
                error.Message, StringComparison.Ordinal);
    }

    private static Edit Edit(TinySession tiny, AlphaEditOptions options) =>
        EditorRegistry.Find("alphaedit").Create(options).Edit(tiny.Session, TinySession.All);
}
