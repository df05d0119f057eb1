// N = requests, C = contexts, I = MLP width, O = model width.
using Harness.Editing;
using Harness.Editing.Editors.Rome;
using Harness.Editing.Locating;
using static TorchSharp.torch;

namespace Harness.Tests.Locating;

/// <summary>Keys and residuals of a tiny session, for the equations that editors solve; owned by the caller's dispose scope.</summary>
internal static class TinyKeys
{
    /// <summary>The plain prompt alone.</summary>
    public static readonly ContextOptions NoContexts = new() { Lengths = [], PerLength = 0 };

    /// <summary>The plain prompt and three beginnings of four tokens.</summary>
    public static readonly ContextOptions SomeContexts = new() { Lengths = [4], PerLength = 3 };

    /// <summary>Keys of one request in each context, [C, I] float64.</summary>
    public static Tensor Of(TinySession tiny, IReadOnlyList<string> contexts, EditRequest request, int layer) =>
        SubjectPrompt.Keys(tiny.Model, [.. contexts.Select(context => SubjectPrompt.Of(tiny.Session, request, context))], layer).to(
            ScalarType.Float64);

    /// <summary>MEMIT's keys, [N, I] float64: half the plain prompt's, half the mean of the others.</summary>
    public static Tensor Weighted(TinySession tiny, IReadOnlyList<string> contexts, IReadOnlyList<EditRequest> requests, int layer) =>
        stack([.. requests.Select(request =>
        {
            var keys_CI = Of(tiny, contexts, request, layer);
            return contexts.Count == 1 ? keys_CI[0]
                : (keys_CI[0] / Held(2)).Plus(keys_CI.narrow(0, 1, contexts.Count - 1).mean([0]) / Held(2));
        })]);

    /// <summary>MEMIT's δ behind a layer, [N, O] float64.</summary>
    public static Tensor Delta(
        TinySession tiny, IReadOnlyList<string> contexts, IReadOnlyList<EditRequest> requests, int layer, ValueOptions options)
    {
        var plain = requests.Select(request => SubjectPrompt.Of(tiny.Session, request, "")).ToList();
        return new ValueSearch(tiny.Session, options, contexts).Run(requests, layer, SubjectPrompt.Outputs(tiny.Model, plain, layer))
            .Delta_ND.to(ScalarType.Float64);
    }

    /// <summary>A change as a whole, [O, I] float64.</summary>
    public static Tensor Dense(WeightDelta delta) => delta.ToDense().to(ScalarType.Float64);

    /// <summary>A random positive definite matrix and random keys, float64.</summary>
    public static (Tensor Covariance_II, Tensor Keys_NI) Random(int width, int keys)
    {
        using var random = new Generator(5);
        var samples_SI = randn([3 * width, width], dtype: ScalarType.Float64, generator: random);
        return (samples_SI.t().matmul(samples_SI) / Held(3 * width), randn([keys, width], dtype: ScalarType.Float64, generator: random));
    }
}
