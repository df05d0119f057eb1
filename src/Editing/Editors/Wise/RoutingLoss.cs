// E = edits' samples, N = irrelevant prompts.
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Wise;

/// <summary>
/// The margins that keep edits and irrelevant prompts apart (WISE, eq. 4): γ − (in − out) over all pairs, out − α and β − in, each the mean
/// of those that are above 0.
/// </summary>
internal static class RoutingLoss
{
    /// <summary>The sum of the three, a scalar with a graph, in the caller's dispose scope.</summary>
    /// <param name="inside_E">Distances of edits, [E].</param>
    /// <param name="outside_N">Distances of irrelevant prompts, [N].</param>
    /// <param name="options">α, β and γ.</param>
    public static Tensor Of(Tensor inside_E, Tensor outside_N, WiseOptions options)
    {
        using var scope = NewDisposeScope();
        var between = Hinge((outside_N.unsqueeze(1) - inside_E).Plus(Held(options.Gamma)));
        var (outside, inside) = (Hinge(outside_N - Held(options.Alpha)), Hinge(inside_E.SubtractedFrom(Held(options.Beta))));
        return between.Plus(outside).Plus(inside).MoveToOuterDisposeScope();
    }

    private static Tensor Hinge(Tensor values) =>
        values.relu().sum() / values.detach().gt(Held(0)).to(ScalarType.Float32).sum().clamp(min: Held(1));
}
