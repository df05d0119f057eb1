// N = requests, D = model width.
using static TorchSharp.torch;

namespace Harness.Editing.Locating;

/// <summary>
/// δ of several requests to one of a model's outputs, and what bounds and weighs it: the norm of the output itself. Its tensors belong to
/// the dispose scope that it is made in.
/// </summary>
internal sealed class SearchedDelta
{
    private readonly ValueOptions options;
    private readonly Tensor norms_N;
    private readonly float[] squaredNorms;
    private float[] lengths = [];

    /// <summary>δ = 0.</summary>
    /// <param name="options">Clamp and weight decay.</param>
    /// <param name="values_ND">[N, D] float32: what δ is added to.</param>
    /// <param name="device">Where the model is.</param>
    public SearchedDelta(ValueOptions options, Tensor values_ND, Device device)
    {
        this.options = options;
        Delta_ND = zeros([values_ND.shape[0], values_ND.shape[1]], device: device).with_requires_grad();
        norms_N = values_ND.to(device).pow(Held(2)).sum(1L).sqrt();
        squaredNorms = values_ND.pow(Held(2)).sum(1L).cpu().data<float>().ToArray();
    }

    /// <summary>[N, D] float32, a leaf.</summary>
    public Tensor Delta_ND { get; }

    /// <summary>Takes ‖δ‖ for the loss and the gradient of this step.</summary>
    public void Measure() => lengths = Delta_ND.detach().pow(Held(2)).sum(1L).sqrt().cpu().data<float>().ToArray();

    /// <summary>weightDecay · ‖δ‖ / ‖v‖² of a request.</summary>
    public double Decay(int request) => options.WeightDecay * lengths[request] / squaredNorms[request];

    /// <summary>Adds that term's gradient, by hand: at δ = 0 it is taken as 0.</summary>
    public void AddDecay()
    {
        using var guard = no_grad();
        var factors = lengths.Select((length, i) => length > 0 ? (float)(options.WeightDecay / (squaredNorms[i] * length)) : 0f).ToArray();
        Delta_ND.grad!.PlusInPlace(Delta_ND * tensor(factors, device: Delta_ND.device).unsqueeze(1));
    }

    /// <summary>‖δ‖ ≤ clamp · ‖v‖.</summary>
    public void Project()
    {
        using var guard = no_grad();
        var lengths_N = Delta_ND.pow(Held(2)).sum(1L).sqrt();
        var factors_N = (norms_N * Held(options.Clamp) / lengths_N.clamp(min: Held(1e-30))).clamp(max: Held(1));
        Delta_ND.mul_(factors_N.unsqueeze(1));
    }
}
