// I = MLP width, N = requests.
using Harness.Editing;
using Harness.Editing.Editors.Emmet;
using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;
using Harness.Tests.Locating;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Emmet;

public sealed class EmmetEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static EmmetOptions Small => new() { Layers = [1], Value = TinyOptions.Value, Contexts = TinyOptions.Contexts, BatchSize = 2 };

    // δ is bounded and weighed by what it is added to, which is not the same in ROME (MLP) as in EMMET (stream): here it is neither.
    private static readonly ValueOptions Free = new() { WeightDecay = 0, Clamp = 1e6 };

    private static readonly EmmetOptions Options = new() { Layers = [1], Contexts = TinyKeys.SomeContexts, CovarianceWeight = 50 };

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(1000, 0.01)]
    public void Closed_form_is_that_of_MEMIT_pushed_through(double weight, double alpha)
    {
        using var scope = NewDisposeScope();
        var (covariance_II, keys_NI) = TinyKeys.Random(24, 7);
        var emmet_IN = EmmetEditor.Solve(covariance_II, keys_NI, weight, alpha);
        Assert.InRange(Numbers.Distance(emmet_IN, LeastSquares.Solve(covariance_II, alpha * weight, keys_NI)), 0, 1e-8);
    }

    [Fact]
    public void Closed_form_of_one_edit_without_alpha_is_ROME_s()
    {
        using var scope = NewDisposeScope();
        var (covariance_II, key_1I) = TinyKeys.Random(24, 1);
        var whitened_I1 = linalg.solve(covariance_II, key_1I.t());
        var emmet_I1 = EmmetEditor.Solve(covariance_II, key_1I, 3, 0);
        Assert.InRange(Numbers.Distance(emmet_I1, whitened_I1 / key_1I.matmul(whitened_I1)), 0, 1e-10);
    }

    [Fact]
    public void Is_MEMIT_whose_weight_is_alpha_times_its_own()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var edit = Edit(tiny, Options, TinySession.All);
        using var memit = EditorRegistry.Find("memit")
            .Create(new MemitOptions { Layers = [1], Contexts = Options.Contexts, CovarianceWeight = 5 })
                .Edit(tiny.Session, TinySession.All);
        Assert.InRange(Numbers.Distance(edit.Deltas[0].ToDense(), memit.Deltas[0].ToDense()), 0, 1e-5);
    }

    // The plain prompt is the only context: ROME's mean over contexts and MEMIT's halves are then the same key.
    [Theory]
    [InlineData(0, true)]
    [InlineData(0.1, false)]
    public void One_edit_is_ROME_s(double alpha, bool alphaOnSingle)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var options = Options with
        {
            Value = Free,
            Contexts = TinyKeys.NoContexts,
            Alpha = alpha,
            AlphaOnSingle = alphaOnSingle,
            BatchSize = 1
        };
        using var edit = Edit(tiny, options, [TinySession.Ada, TinySession.Alan]);
        using var rome = EditorRegistry.Find("rome").Create(new RomeOptions { Layer = 1, Value = Free, Contexts = TinyKeys.NoContexts })
            .Edit(tiny.Session, [TinySession.Ada, TinySession.Alan]);
        Assert.InRange(Numbers.Distance(edit.Deltas[0].ToDense(), rome.Deltas[0].ToDense()), 0, 1e-3);
    }

    [Fact]
    public void Without_alpha_every_key_gets_its_value()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var contexts = Contexts.Sample(tiny.Session, Options.Contexts);
        var keys_NI = TinyKeys.Weighted(tiny, contexts, TinySession.All, 1);
        var wanted_NO = TinyKeys.Delta(tiny, contexts, TinySession.All, 1, Options.Value);
        using var edit = Edit(tiny, Options with { Alpha = 0 }, TinySession.All);
        Assert.InRange(Numbers.Distance(keys_NI.matmul(TinyKeys.Dense(edit.Deltas[0]).t()), wanted_NO), 0, 1e-4);
    }

    private static Edit Edit(TinySession tiny, EmmetOptions options, IReadOnlyList<EditRequest> requests) =>
        EditorRegistry.Find("emmet").Create(options).Edit(tiny.Session, requests);
}
