// B = batch, T = positions, D = model width, I = MLP width, N = tokens that are read.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Gradients;

/// <summary>
/// Keeps what the projections of some MLPs read, and adds zeros that require gradients to what the MLPs make, so that the gradients by the
/// projections' outputs can be asked for.
/// </summary>
/// <param name="model">The model that is run.</param>
/// <param name="matrices">The projections.</param>
/// <param name="rows_N">b·T + t of every token that is read.</param>
internal sealed class OutputProbe(Transformer model, IReadOnlyList<EditedMatrix> matrices, Tensor rows_N) : IActivationHook
{
    private readonly Dictionary<int, Tensor> normed = [];
    private readonly Dictionary<int, Tensor> keys = [];
    private readonly Dictionary<(int Layer, bool Output), Tensor> zeros = [];

    /// <inheritdoc/>
    public void MlpInput(int layer, Tensor normed_BTD)
    {
        if (Reads(layer, MlpProjection.Up) || Reads(layer, MlpProjection.Gate))
            normed[layer] = TokenBatch.Select(normed_BTD.detach(), rows_N);
    }

    /// <inheritdoc/>
    public Tensor DownProjectionInput(int layer, Tensor key_BTI)
    {
        if (Reads(layer, MlpProjection.Down))
            keys[layer] = TokenBatch.Select(key_BTI.detach(), rows_N);
        return normed.ContainsKey(layer) ? key_BTI.Plus(Zeros(layer, false, key_BTI)) : key_BTI;
    }

    /// <inheritdoc/>
    public Tensor MlpOutput(int layer, Tensor value_BTD) =>
        Reads(layer, MlpProjection.Down) ? value_BTD.Plus(Zeros(layer, true, value_BTD)) : value_BTD;

    /// <summary>What was read, in the order of the matrices; the caller's dispose scope owns it.</summary>
    /// <param name="loss">A scalar whose graph goes through the run.</param>
    public IReadOnlyList<TokenGradients> Read(Tensor loss)
    {
        var places = zeros.Keys.ToList();
        var gradients = autograd.grad([loss], places.ConvertAll(place => zeros[place]));
        var byPlace = places.Zip(gradients, (place, gradient_BTX) => (place, gradient_NX: TokenBatch.Select(gradient_BTX, rows_N)))
            .ToDictionary(pair => pair.place, pair => pair.gradient_NX);
        return [.. matrices.Select(matrix => matrix.Projection == MlpProjection.Down
            ? new TokenGradients(keys[matrix.Layer], byPlace[(matrix.Layer, true)])
            : new TokenGradients(normed[matrix.Layer], BeforeActivation(matrix, byPlace[(matrix.Layer, false)])))];
    }

    private bool Reads(int layer, MlpProjection projection) => matrices.Contains(new EditedMatrix(layer, projection));

    private Tensor Zeros(int layer, bool output, Tensor like) => zeros[(layer, output)] = zeros_like(like.detach()).requires_grad_(true);

    // From the gradient by the MLP's inner activation to that by what the up- or gate projection gives.
    private Tensor BeforeActivation(EditedMatrix matrix, Tensor gradient_NI)
    {
        var up_NI = Output(Sites.Up(matrix.Layer), normed[matrix.Layer]);
        if (!model.Config.Gated)
            return autograd.grad([Activate(up_NI)], [up_NI], [gradient_NI])[0];

        var gate_NI = Output(Sites.Gate(matrix.Layer), normed[matrix.Layer]);
        return autograd.grad([Activate(gate_NI) * up_NI], [matrix.Projection == MlpProjection.Up ? up_NI : gate_NI], [gradient_NI])[0];
    }

    private Tensor Output(string weight, Tensor input_ND)
    {
        using var guard = no_grad();
        var bias = model.Config.MlpBias ? model.Parameter(Sites.Bias(weight)) : null;
        return nn.functional.linear(input_ND, model.Parameter(weight), bias).requires_grad_(true);
    }

    private Tensor Activate(Tensor input) => model.Config.Activation switch
    {
        Activation.Silu => nn.functional.silu(input),
        Activation.Gelu => nn.functional.gelu(input),
        _ => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh),
    };
}
