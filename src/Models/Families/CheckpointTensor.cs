// O = outputs, I = inputs, H = heads, d = head width, P = parameters in one tensor.
using static TorchSharp.torch;

namespace Harness.Models.Families;

/// <summary>How a tensor of a checkpoint holds the parameters of <see cref="Sites"/>.</summary>
internal enum TensorForm
{
    /// <summary>One parameter, as it is.</summary>
    Plain,

    /// <summary>One weight as [I, O] (GPT-2's Conv1D).</summary>
    Transposed,

    /// <summary>Query, key and value one after the other along the last dimension: [I, 3·O], or [3·O] for biases (GPT-2).</summary>
    FusedColumns,

    /// <summary>Query, key and value of each head one after the other along the first dimension: [H·3·d, I], or [H·3·d] (BLOOM).</summary>
    FusedHeads,
}

/// <summary>One tensor of a family's checkpoints, and the parameters that it holds.</summary>
/// <param name="Name">Its name in the checkpoint.</param>
/// <param name="Form">How it holds them.</param>
/// <param name="Parameters">Names as in <see cref="Sites"/>, with the shape of each; all shapes of one tensor are equal.</param>
/// <param name="Heads">Heads, for <see cref="TensorForm.FusedHeads"/>.</param>
internal sealed record CheckpointTensor(string Name, TensorForm Form, IReadOnlyList<(string Name, long[] Shape)> Parameters, int Heads = 1)
{
    /// <summary>The shape in the checkpoint.</summary>
    public long[] Shape
    {
        get
        {
            var (shape, count) = (Parameters[0].Shape, Parameters.Count);
            return Form switch
            {
                TensorForm.Plain => shape,
                TensorForm.Transposed => [shape[1], shape[0]],
                TensorForm.FusedColumns => shape.Length == 1 ? [count * shape[0]] : [shape[1], count * shape[0]],
                _ => [count * shape[0], .. shape[1..]],
            };
        }
    }

    /// <summary>One parameter of what was read; may share its memory. The caller's dispose scope owns it.</summary>
    public Tensor Part(Tensor stored, int index)
    {
        var outputs = Parameters[index].Shape[0];
        return Form switch
        {
            TensorForm.Plain => stored,
            TensorForm.Transposed => stored.t(),
            TensorForm.FusedColumns =>
                stored.narrow(-1, index * outputs, outputs) is var columns && columns.dim() == 1 ? columns : columns.t(),
            _ => stored.view([Heads, Parameters.Count, outputs / Heads, .. stored.shape[1..]]).select(1, index).reshape(
                Parameters[index].Shape),
        };
    }

    /// <summary>What the checkpoint holds where its parameters are these; the caller's dispose scope owns it.</summary>
    public Tensor Join(IReadOnlyList<Tensor> parts) => Form switch
    {
        TensorForm.Plain => parts[0],
        TensorForm.Transposed => parts[0].t().contiguous(),
        TensorForm.FusedColumns => cat([.. parts.Select(part => part.dim() == 1 ? part : part.t())], -1).contiguous(),
        _ => stack(parts.Select(part => part.view([Heads, part.shape[0] / Heads, .. part.shape[1..]])), 1).reshape(Shape),
    };
}
