namespace Harness.Models.Families;

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
