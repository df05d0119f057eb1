// I = MLP width, O = model width, N = requests.
using Harness.Editing;
using Harness.Editing.Editors.Pmet;
using Harness.Editing.Locating;
using Harness.Models;
using Harness.Tests.Locating;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Pmet;

public sealed class PmetEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static PmetOptions Small => new() { Layers = [0, 1], Value = TinyOptions.Value, Contexts = TinyOptions.Contexts, BatchSize = 2 };

    private static readonly PmetOptions Options = new() { Layers = [0, 1], Contexts = TinyKeys.SomeContexts, CovarianceWeight = 10 };

    // The first of n layers: ΔW (λC + K Kᵀ) = δ / √n · Kᵀ with the MLP's δ at the last layer.
    [Theory]
    [InlineData(new[] { 1 }, 1)]
    [InlineData(new[] { 0, 1 }, 2)]
    [InlineData(new[] { 0, 1, 2 }, 3)]
    public void Spreads_the_MLP_s_share_of_the_search_by_the_square_root(int[] layers, double left)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var contexts = Contexts.Sample(tiny.Session, Options.Contexts);
        var plain = TinySession.All.Select(request => SubjectPrompt.Of(tiny.Session, request, "")).ToList();
        var (mlp_NO, _, _) = PmetEditor.Search(tiny.Session, Options, contexts).RunWithAttention(
            TinySession.All, layers[^1],
            SubjectPrompt.Parts(tiny.Model, plain, layers[^1], ofAttention: false),
                SubjectPrompt.Parts(tiny.Model, plain, layers[^1], ofAttention: true));
        var keys_NI = TinyKeys.Weighted(tiny, contexts, TinySession.All, layers[0]);

        using var edit = Edit(tiny, Options with { Layers = layers });
        Assert.Equal(layers.Select(Sites.DownProjection), edit.Deltas.Select(delta => delta.Parameter));
        var matrix_II = (tiny.Session.Statistics!.Covariance(layers[0]) * Held(10)).Plus(keys_NI.t().matmul(keys_NI));
        var rest_NO = mlp_NO.to(ScalarType.Float64) / Held(Math.Sqrt(left));
        Assert.InRange(Numbers.Distance(TinyKeys.Dense(edit.Deltas[0]).matmul(matrix_II), rest_NO.t().matmul(keys_NI)), 0, 1e-4);
    }

    [Fact]
    public void Brings_the_MLP_s_output_to_the_wanted_one_where_the_covariance_weighs_little()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var plain = TinySession.All.Select(request => SubjectPrompt.Of(tiny.Session, request, "")).ToList();
        var (before_NO, attended_NO) = (Parts(false), Parts(true));
        var options = Options with { CovarianceWeight = 1e-6, Contexts = TinyKeys.NoContexts };
        var (mlp_NO, _, _) = PmetEditor.Search(tiny.Session, options, [""]).RunWithAttention(TinySession.All, 1, before_NO, attended_NO);
        using var edit = Edit(tiny, options);
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.InRange(Numbers.Distance(Parts(false), before_NO.Plus(mlp_NO)), 0, 1e-3);

        Tensor Parts(bool ofAttention) => SubjectPrompt.Parts(tiny.Model, plain, 1, ofAttention);
    }

    private static Edit Edit(TinySession tiny, PmetOptions options) =>
        EditorRegistry.Find("pmet").Create(options).Edit(tiny.Session, TinySession.All);
}
