// I = MLP width, O = model width, C = contexts.
using Harness.Editing.Locating;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Rome;

/// <summary>
/// ROME: one rank-one change of one down-projection for each request, in order, each made on the model that the earlier ones left.
/// </summary>
internal sealed class RomeEditor(RomeOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "rome", [options.Layer]);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var covariance_II = Regularised(KeyCovariance.Of(session, "rome", options.Layer));
        var contexts = Contexts.Sample(session, options.Contexts);
        var name = Sites.DownProjection(options.Layer);
        using var original = new WeightSnapshot(session.Model, [name]);
        var (lefts, rights, losses) = (new List<Tensor>(), new List<Tensor>(), 0.0);
        foreach (var request in requests)
        {
            var (left_O, right_I, loss) = RankOne(session, request, contexts, session.Model.Parameter(name), covariance_II);
            using (var step = WeightDelta.LowRank(name, left_O.unsqueeze(1), right_I.unsqueeze(0)))
                step.AddTo(session.Model.Parameter(name));
            lefts.Add(left_O);
            rights.Add(right_I);
            losses += loss;
            session.Progress?.Report(FormattableString.Invariant($"edit {lefts.Count}/{requests.Count} loss {loss:0.000}"));
        }

        var delta = WeightDelta.FromFactors(name, stack(lefts, 1), stack(rights));
        return new Edit([delta], new Dictionary<string, double> { ["loss"] = losses / requests.Count });
    }

    /// <summary>
    /// The update r uᵀ of one request, u = C⁻¹k* / ‖C⁻¹k*‖ and r = (v* − W k) / (k·u): k* is the mean key over contexts, k the plain
    /// prompt's.
    /// </summary>
    private (Tensor Left_O, Tensor Right_I, double Loss) RankOne(
        EditSession session, EditRequest request, IReadOnlyList<string> contexts, Tensor weight_OI, Tensor covariance_II)
    {
        using var scope = NewDisposeScope();
        var prompts = contexts.Select(context => SubjectPrompt.Of(session, request, context)).ToList();
        var keys_CI = SubjectPrompt.Keys(session.Model, prompts, options.Layer).to(ScalarType.Float64);
        var key_I = keys_CI[0];
        var value_O = weight_OI.cpu().to(ScalarType.Float64).matmul(key_I);

        var search = new ValueSearch(session, options.Value, contexts);
        var (delta_1O, losses) = search.Run([request], options.Layer, value_O.to(ScalarType.Float32).unsqueeze(0));
        var mean_I1 = keys_CI.mean([0]).unsqueeze(1);
        var whitened_I = KeyCovariance.Solve(covariance_II, mean_I1, "count more tokens or set covariance-ridge").squeeze(1);
        var right_I = whitened_I / whitened_I.pow(2).sum().sqrt();
        var left_O = delta_1O.squeeze(0).to(ScalarType.Float64) / key_I.dot(right_I);
        return (Moved(left_O), Moved(right_I), losses[0]);

        static Tensor Moved(Tensor vector) => vector.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private Tensor Regularised(Tensor covariance_II) => options.CovarianceRidge == 0
        ? covariance_II
        : covariance_II
            + eye(covariance_II.shape[0], dtype: ScalarType.Float64) * (covariance_II.diagonal().mean() * options.CovarianceRidge);
}
