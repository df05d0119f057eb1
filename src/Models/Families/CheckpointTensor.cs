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

/// <summary>Collects the map from a family's tensors to the parameters of a model; each parameter has one place.</summary>
internal sealed class TensorList(TransformerConfig config)
{
    private readonly Dictionary<string,
        long[]> shapes = ParameterLayout.Of(config).ToDictionary(parameter => parameter.Name, parameter => parameter.Shape);
    private readonly List<CheckpointTensor> tensors = [];

    /// <summary>The tensors, when every parameter has its place.</summary>
    public IReadOnlyList<CheckpointTensor> Done
    {
        get
        {
            var placed = tensors.SelectMany(tensor => tensor.Parameters.Select(part => part.Name)).ToList();
            return placed.Count == shapes.Count
                ? tensors
                : throw new InvalidOperationException($"no place for: {string.Join(", ", shapes.Keys.Except(placed))}");
        }
    }

    /// <summary>Every parameter under its own name: LLaMA's.</summary>
    public static IReadOnlyList<CheckpointTensor> OwnNames(TransformerConfig config)
    {
        var list = new TensorList(config);
        foreach (var name in list.shapes.Keys.ToArray()) list.Add(name, TensorForm.Plain, 1, name);
        return list.Done;
    }

    /// <summary>A weight, and its bias where the model has one.</summary>
    /// <param name="name">Name in the checkpoint without ".weight".</param>
    /// <param name="site">The weight's name in <see cref="Sites"/>.</param>
    /// <param name="form">How the checkpoint holds it.</param>
    public TensorList With(string name, string site, TensorForm form = TensorForm.Plain) => Fused(name, [site], form);

    /// <summary>Several weights in one tensor, and their biases in another where the model has them.</summary>
    public TensorList Fused(string name, string[] sites, TensorForm form)
    {
        Add($"{name}.weight", form, config.Heads, sites);
        if (shapes.ContainsKey(Sites.Bias(sites[0])))
            Add($"{name}.bias", form == TensorForm.Transposed ? TensorForm.Plain : form, config.Heads, [.. sites.Select(Sites.Bias)]);
        return this;
    }

    private void Add(string name, TensorForm form, int heads, params string[] sites) =>
        tensors.Add(new CheckpointTensor(name, form, [.. sites.Select(site => (site, shapes[site]))], heads));
}
