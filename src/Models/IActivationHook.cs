// B = batch, T = positions, I = MLP width, D = model width.
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>
/// Sees, and may replace, activations on their way through <see cref="Transformer.Run"/>. Every member returns its argument by default.
/// </summary>
/// <remarks>
/// Hooks run in the dispose scope of <see cref="Transformer.Run"/>'s caller: what they make lives there, and a replacement is never
/// disposed by the model. The argument itself is disposed when its layer is done; a hook that wants to keep it keeps a view or a clone.
/// </remarks>
public interface IActivationHook
{
    /// <summary>The attention's output, before the residual addition, [B, T, D].</summary>
    Tensor AttentionOutput(int layer, Tensor mixed_BTD) => mixed_BTD;

    /// <summary>What the MLP reads, behind its norm, [B, T, D]; looked at only.</summary>
    void MlpInput(int layer, Tensor normed_BTD)
    {
    }

    /// <summary>The down-projection's input ("key" of ROME), [B, T, I].</summary>
    Tensor DownProjectionInput(int layer, Tensor key_BTI) => key_BTI;

    /// <summary>The MLP's output, before the residual addition, [B, T, D].</summary>
    Tensor MlpOutput(int layer, Tensor value_BTD) => value_BTD;

    /// <summary>The layer's output on the residual stream, [B, T, D].</summary>
    Tensor LayerOutput(int layer, Tensor hidden_BTD) => hidden_BTD;
}
