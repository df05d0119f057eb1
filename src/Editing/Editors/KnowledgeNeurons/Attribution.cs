// P = steps, T = positions, D = model width, I = MLP width, L = layers.
using Harness.Models;
using static TorchSharp.torch;

namespace Harness.Editing.Editors.KnowledgeNeurons;

/// <summary>
/// Integrated gradients over the inputs w of the down-projections at a prompt's last token (Dai et al. 2022, eq. 4): with f(x) the
/// probability of a token behind the prompt where x stands in the place of w, Attr(w) = w / m · Σ ∂f(k/m · w)/∂w, k = 1 … m. The
/// reference's code takes k = 0 … m − 1. The sum over a layer goes to f(w) − f(0) as m grows.
/// </summary>
internal static class Attribution
{
    /// <summary>The attributions of every neuron to one token.</summary>
    /// <param name="session">The model, as it stands, and the cancellation.</param>
    /// <param name="prompt">Ids of the prompt.</param>
    /// <param name="token">The id whose probability is attributed.</param>
    /// <param name="steps">m.</param>
    /// <returns>[L, I] float32 on the CPU, owned by the caller's dispose scope.</returns>
    public static Tensor Of(EditSession session, int[] prompt, int token, int steps)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var model = session.Model;
        var hidden_1TD = model.Embed(tensor(Array.ConvertAll(prompt, id => (long)id), [1, prompt.Length], device: model.Device));
        var layers = new List<Tensor>();
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var reader = new LastKey(layer, null);
            var next_1TD = model.Run(hidden_1TD, layer, layer + 1, reader);
            layers.Add(OfLayer(model, hidden_1TD, layer, reader.Key_I!, token, steps));
            hidden_1TD = next_1TD;
        }

        return stack(layers).MoveToOuterDisposeScope();
    }

    /// <summary>f: the token's probability where other activations stand in the place of a layer's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="hidden_1TD">The residual stream before the layer.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="points_PI">[P, I]: activations at the last token.</param>
    /// <param name="token">The token's id.</param>
    /// <returns>[P], with gradients, owned by the caller's dispose scope.</returns>
    public static Tensor Probability(Transformer model, Tensor hidden_1TD, int layer, Tensor points_PI, int token)
    {
        using var scope = NewDisposeScope();
        var hidden_PTD = hidden_1TD.expand(points_PI.shape[0], -1, -1).contiguous();
        var last_P1D = model.Run(hidden_PTD, layer, model.Config.Layers, new LastKey(layer, points_PI), last: 1);
        return model.Head(last_P1D.squeeze(1)).softmax(-1).select(1, token).MoveToOuterDisposeScope();
    }

    private static Tensor OfLayer(Transformer model, Tensor hidden_1TD, int layer, Tensor key_I, int token, int steps)
    {
        using var gradients = enable_grad();
        using var scope = NewDisposeScope();
        var shares_P1 = tensor(Enumerable.Range(1, steps).Select(k => (float)k / steps).ToArray(), device: model.Device).unsqueeze(1);
        var points_PI = (shares_P1 * key_I).requires_grad_(true);
        var sum = Probability(model, hidden_1TD, layer, points_PI, token).sum();
        var gradient_PI = autograd.grad([sum], [points_PI])[0];
        return (gradient_PI.mean([0]) * key_I).cpu().MoveToOuterDisposeScope();
    }

    // Reads the key of the last position, or puts others in its place.
    private sealed class LastKey(int wanted, Tensor? replacement_PI) : IActivationHook
    {
        public Tensor? Key_I { get; private set; }

        public Tensor DownProjectionInput(int layer, Tensor key_PTI)
        {
            if (layer != wanted)
                return key_PTI;

            var last = key_PTI.shape[1] - 1;
            if (replacement_PI is not null)
                return cat([key_PTI.narrow(1, 0, last), replacement_PI.unsqueeze(1)], 1);

            Key_I = key_PTI[0].select(0, last).clone();
            return key_PTI;
        }
    }
}
