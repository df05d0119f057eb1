// I = MLP width, O = model width, C = contexts.
using Harness.Editing.Locating;
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.Rome;

/// <summary>
/// ROME: one rank-one change of one down-projection for each request, in order, each made on the model that the earlier ones left. It is
/// directed by the mean key over contexts and measured at the plain prompt's.
/// </summary>
internal sealed class RomeEditor(RomeOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Locating<RomeOptions>(
        "rome", options => new RomeEditor(options), options => [options.Layer], open: OpenOption.Layer("layer", 5));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return Batches.Run(session, requests, new RankOneUpdate(session, "rome", options));
    }
}

/// <summary>
/// ROME's update of one down-projection for one request, ΔW = r uᵀ with u = C⁻¹k* / ‖C⁻¹k*‖ and r = (v* − W k) / (k·u) (Meng et al. 2022,
/// eq. 2). v* is what the plain prompt gives, plus the δ that was searched for.
/// </summary>
internal sealed class RankOneUpdate : IBatchUpdate
{
    private readonly EditSession session;
    private readonly RankOneOptions options;
    private readonly KeyChoice? only;
    private readonly Tensor covariance_II;
    private readonly IReadOnlyList<string> contexts;

    /// <summary>Samples the contexts and reads the covariance, before anything is changed.</summary>
    /// <param name="session">Has the model.</param>
    /// <param name="editor">Name, for messages.</param>
    /// <param name="options">Layer, value search, contexts.</param>
    /// <param name="only">
    /// The key wherever there is one (r-ROME). Null, ROME's code: the mean over contexts where the change is directed, k*, and the plain
    /// prompt's where it is measured, k.
    /// </param>
    public RankOneUpdate(EditSession session, string editor, RankOneOptions options, KeyChoice? only = null)
    {
        (this.session, this.options, this.only) = (session, options, only);
        Editing.Layers.Check(session, editor, [options.Layer]);
        covariance_II = Regularised(KeyCovariance.Of(session, editor, options.Layer));
        contexts = Contexts.Sample(session, options.Contexts);
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Layers => [options.Layer];

    /// <inheritdoc/>
    public int BatchSize => 1;

    /// <inheritdoc/>
    public double Apply(IReadOnlyList<EditRequest> batch, DeltaSum sum) => batch.Sum(request => Apply(request, sum));

    private double Apply(EditRequest request, DeltaSum sum)
    {
        using var scope = NewDisposeScope();
        var weight_OI = session.Model.Parameter(Sites.DownProjection(options.Layer)).cpu().to(ScalarType.Float64);
        var prompts = contexts.Select(context => SubjectPrompt.Of(session, request, context)).ToList();
        var keys_CI = SubjectPrompt.Keys(session.Model, prompts, options.Layer).to(ScalarType.Float64);
        var (plain_I, mean_I) = (keys_CI[0], keys_CI.mean([0]));
        var value_O = MlpOutput(weight_OI, plain_I);

        var search = new ValueSearch(session, options.Value, contexts);
        var (delta_1O, losses) = search.Run([request], options.Layer, value_O.to(ScalarType.Float32).unsqueeze(0));
        var directed_I1 = (only == KeyChoice.Plain ? plain_I : mean_I).unsqueeze(1);
        var whitened_I = KeyCovariance.Solve(covariance_II, directed_I1, "count more tokens or set covariance-ridge").squeeze(1);
        var right_I = whitened_I / whitened_I.pow(Held(2)).sum().sqrt();
        var missing_O = delta_1O.squeeze(0).to(ScalarType.Float64);

        // v* − W k: the plain prompt's value is v* − δ.
        if (only == KeyChoice.Mean)
            missing_O = missing_O.Plus(weight_OI.matmul(plain_I - mean_I));
        var left_O = missing_O / (only == KeyChoice.Mean ? mean_I : plain_I).dot(right_I);
        sum.AddTo(session.Model, options.Layer, left_O.to(ScalarType.Float32).unsqueeze(1), right_I.to(ScalarType.Float32).unsqueeze(0));
        return losses[0];
    }

    // δ is bounded and weighed by the whole of the MLP's output, its bias included (ROME's code).
    private Tensor MlpOutput(Tensor weight_OI, Tensor key_I)
    {
        using var scope = NewDisposeScope();
        var value_O = weight_OI.matmul(key_I);
        return (session.Model.Config.MlpBias
            ? value_O.Plus(session.Model.Parameter(Sites.Bias(Sites.DownProjection(options.Layer))).cpu())
            : value_O).MoveToOuterDisposeScope();
    }

    private Tensor Regularised(Tensor covariance_II) => options.CovarianceRidge == 0
        ? covariance_II
        : covariance_II.Plus(
            eye(covariance_II.shape[0], dtype: ScalarType.Float64) * (covariance_II.diagonal().mean() * Held(options.CovarianceRidge)));
}
