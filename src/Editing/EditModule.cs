using System.Globalization;
using System.Text.Json.Nodes;
using Harness.Models;
using TorchSharp;

namespace Harness.Editing;

/// <summary>
/// A prompt that an edited model answers in a way of its own: with something switched on (<see cref="EditModule.Enter"/>), or with other
/// ids in the prompt's place.
/// </summary>
/// <param name="Variant">Prompts of equal variant are answered together.</param>
/// <param name="Prompt">The ids to answer: the prompt's own, or others (retrieved demonstrations before it).</param>
public sealed record PromptRoute(int Variant, int[] Prompt);

/// <summary>
/// What an edit keeps beside the weights: extra neurons, a codebook, a side memory, demonstrations. It is data, as weight deltas are: named
/// tensors and settings, stored with the edit and read back by the editor's <see cref="EditorDescriptor.LoadModule"/>.
/// </summary>
/// <param name="kind">Name of the editor that made it.</param>
/// <param name="tensors">By name; owned by the module from now on.</param>
/// <param name="settings">Everything else that it needs, as JSON.</param>
public abstract class EditModule(string kind, IReadOnlyDictionary<string, torch.Tensor> tensors, JsonObject settings) : IDisposable
{
    /// <summary>Name of the editor that made it.</summary>
    public string Kind { get; } = kind;

    /// <summary>Its tensors, on the CPU.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> Tensors { get; } = tensors;

    /// <summary>Its settings.</summary>
    public JsonObject Settings { get; } = settings;

    /// <summary>Puts on what acts on every prompt alike, until the result is disposed; null where there is nothing of that kind.</summary>
    public virtual IDisposable? Attach(Transformer model) => null;

    /// <summary>
    /// For each prompt how it is answered, null where as the model answers by itself. Asked with the weight deltas applied and
    /// <see cref="Attach"/> in force.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Ids of each prompt, the tokenizer's prefix included.</param>
    public virtual IReadOnlyList<PromptRoute?> Route(Transformer model, IReadOnlyList<int[]> prompts) => new PromptRoute?[prompts.Count];

    /// <summary>Switches a variant on, until the result is disposed; null where only the prompt's ids are others.</summary>
    /// <param name="model">The model.</param>
    /// <param name="variant">As in <see cref="PromptRoute.Variant"/>.</param>
    /// <param name="promptLength">Number of ids of every prompt that is answered while it is on.</param>
    public virtual IDisposable? Enter(Transformer model, int variant, int promptLength) => null;

    /// <summary>
    /// Refuses a model that the tensors do not fit: products of sizes that differ would end the process (docs/decisions/0011).
    /// </summary>
    /// <exception cref="InputException">A tensor is missing or has another shape than the model needs, or the model has no such
    /// layer.</exception>
    public void Check(Transformer model)
    {
        if (Layer >= model.Config.Layers) throw new InputException($"The edit of '{Kind}' is at layer {Layer}, " +
            $"expected one below {model.Config.Layers}. Apply it to its own model.");
        foreach (var (name, expected) in Shapes(model))
        {
            var found = Tensors.TryGetValue(name, out var tensor) ? tensor.shape : null;
            if (found is not null && found.Length == expected.Length
                && found.Zip(expected).All(pair => pair.Second is null || pair.First == pair.Second)) continue;
            throw new InputException(
                $"The edit of '{Kind}' keeps '{name}': found {(found is null ? "none" : $"[{string.Join(", ", found)}]")}, "
                + $"expected [{string.Join(", ", expected.Select(size => size?.ToString(CultureInfo.InvariantCulture) ?? "any"))}]. " +
                    "Apply it to its own model.");
        }
    }

    /// <summary>The layer at which it acts; null where its tensors name it, or where it acts at none.</summary>
    protected virtual int? Layer => null;

    /// <summary>The shapes of the tensors that meet the model's own, by name; null is any size.</summary>
    protected virtual IEnumerable<(string Tensor, long?[] Shape)> Shapes(Transformer model) => [];

    /// <summary>Size of a dimension of one of its tensors, by which others have to go; null where there is none.</summary>
    protected long? SizeOf(string tensor, int dimension) =>
        Tensors.TryGetValue(tensor, out var found) && found.dim() > dimension ? found.shape[dimension] : null;

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in Tensors.Values)
            tensor.Dispose();
        GC.SuppressFinalize(this);
    }
}
