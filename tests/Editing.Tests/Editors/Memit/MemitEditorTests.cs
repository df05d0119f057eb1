// I = MLP width, O = model width, N = requests.
using Harness.Editing;
using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;
using Harness.Models;
using Harness.Tests.Locating;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Memit;

public sealed class MemitEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static MemitOptions Small => new()
    {
        Layers = [0, 1],
        Value = TinyOptions.Value,
        Contexts = TinyOptions.Contexts,
        BatchSize = 2,
    };

    private static readonly MemitOptions Options =
        new() { Layers = [1], Contexts = new() { Lengths = [4], PerLength = 3 }, CovarianceWeight = 10 };

    [Fact]
    public void Satisfies_its_normal_equations()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var contexts = Contexts.Sample(tiny.Session, Options.Contexts);
        var plain = TinySession.All.Select(request => SubjectPrompt.Of(tiny.Session, request, "")).ToList();
        var (rest_NO, _) = new ValueSearch(tiny.Session, Options.Value, contexts)
            .Run(TinySession.All, 1, SubjectPrompt.Outputs(tiny.Model, plain, 1));
        var keys_NI = stack([.. TinySession.All.Select(request => WeightedKey(tiny, contexts, request))]);

        using var edit = Edit(tiny, Options);
        var delta_OI = Assert.Single(edit.Deltas).ToDense().to(ScalarType.Float64);

        // One layer: ΔW (λC + K Kᵀ) = R Kᵀ.
        var matrix_II = (tiny.Session.Statistics!.Covariance(1) * Held(10)).Plus(keys_NI.t().matmul(keys_NI));
        Assert.InRange(Numbers.Distance(delta_OI.matmul(matrix_II), rest_NO.to(ScalarType.Float64).t().matmul(keys_NI)), 0, 1e-4);
    }

    [Fact]
    public void Spreads_the_change_over_its_layers_and_no_others()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options with { Layers = [0, 1], CovarianceWeight = 0.05 });
        Assert.Equal([Sites.DownProjection(0), Sites.DownProjection(1)], edit.Deltas.Select(delta => delta.Parameter));
        Assert.All(edit.Deltas, delta =>
        {
            using var dense_OI = delta.ToDense();
            var singular = Numbers.Singular(dense_OI);
            Assert.True(singular[2] > 0);
            Assert.InRange(singular[3] / singular[0], 0, 1e-6);
        });
    }

    [Fact]
    public void Moves_the_residual_stream_to_the_wanted_one_where_the_covariance_weighs_little()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var options = Options with { Layers = [0, 1], CovarianceWeight = 1e-6, Contexts = new() { Lengths = [], PerLength = 0 } };
        var plain = TinySession.All.Select(request => SubjectPrompt.Of(tiny.Session, request, "")).ToList();
        var before_NO = SubjectPrompt.Outputs(tiny.Model, plain, 1);
        var (delta_NO, _) = new ValueSearch(tiny.Session, options.Value, [""]).Run(TinySession.All, 1, before_NO);
        using var edit = Edit(tiny, options);
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.InRange(Numbers.Distance(SubjectPrompt.Outputs(tiny.Model, plain, 1), before_NO.Plus(delta_NO)), 0, 1e-3);
    }

    [Fact]
    public void One_edit_of_one_layer_is_ROME_s_where_the_covariance_weighs_nothing()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        var (free, plain) = (new ValueOptions { WeightDecay = 0, Clamp = 1e6 }, TinyKeys.NoContexts);
        using var edit = EditorRegistry.Find("memit").Create(Options with { Value = free, Contexts = plain, CovarianceWeight = 1e-7 })
            .Edit(tiny.Session, [TinySession.Ada]);
        using var rome = EditorRegistry.Find("rome").Create(new RomeOptions { Layer = 1, Value = free, Contexts = plain })
            .Edit(tiny.Session, [TinySession.Ada]);
        Assert.InRange(Numbers.Distance(edit.Deltas[0].ToDense(), rome.Deltas[0].ToDense()), 0, 1e-5);
    }

    private static Tensor WeightedKey(TinySession tiny, IReadOnlyList<string> contexts, EditRequest request)
    {
        // ½ for the plain prompt, 1/6 for each of the three sampled contexts.
        var prompts = contexts.Select(context => SubjectPrompt.Of(tiny.Session, request, context)).ToList();
        var keys_CI = SubjectPrompt.Keys(tiny.Model, prompts, 1).to(ScalarType.Float64);
        return (keys_CI[0] / Held(2)).Plus(keys_CI[1] / Held(6)).Plus(keys_CI[2] / Held(6)).Plus(keys_CI[3] / Held(6));
    }

    private static Edit Edit(TinySession tiny, MemitOptions options) =>
        EditorRegistry.Find("memit").Create(options).Edit(tiny.Session, TinySession.All);
}
