// L = layers, I = MLP width.
using static TorchSharp.torch;

namespace Harness.Editing.Editors.KnowledgeNeurons;

/// <summary>A neuron: column <paramref name="Index"/> of a layer's down-projection.</summary>
internal readonly record struct Neuron(int Layer, int Index);

/// <summary>Chooses the neurons of a fact from the attributions of its prompts.</summary>
internal static class NeuronChoice
{
    /// <summary>Those of one prompt: an attribution of at least the threshold's share of the largest.</summary>
    /// <param name="attributions_LI">[L, I].</param>
    /// <param name="threshold">The share.</param>
    public static IReadOnlyList<Neuron> Coarse(Tensor attributions_LI, double threshold)
    {
        var all = attributions_LI.data<float>().ToArray();
        var (width, least) = ((int)attributions_LI.shape[1], all.Max() * threshold);
        return [.. Enumerable.Range(0, all.Length).Where(i => all[i] >= least).Select(i => new Neuron(i / width, i % width))];
    }

    /// <summary>
    /// Those that enough of the prompts share, by layer and index; the share is moved until they are neither too few nor too many.
    /// </summary>
    public static IReadOnlyList<Neuron> Refined(IReadOnlyList<IReadOnlyList<Neuron>> coarse, KnowledgeNeuronsOptions options)
    {
        var counts = coarse.SelectMany(one => one).GroupBy(neuron => neuron).Select(group => (Neuron: group.Key, Count: group.Count()))
            .OrderBy(one => one.Neuron.Layer).ThenBy(one => one.Neuron.Index).ToList();
        var share = options.Share;
        var chosen = Shared();
        for (var i = 0; i < options.Adjustments && (chosen.Count < options.LeastNeurons || chosen.Count > options.MostNeurons); i++)
        {
            share += chosen.Count < options.LeastNeurons ? -options.ShareStep : options.ShareStep;
            chosen = Shared();
        }

        return chosen;

        List<Neuron> Shared()
        {
            // A share of 0.7 of 10 prompts is 7 of them, whatever the rounding of their product.
            var least = Math.Max(Math.Min(options.LeastPrompts, coarse.Count), Math.Round(share * coarse.Count, 6));
            return [.. counts.Where(one => one.Count >= least).Select(one => one.Neuron)];
        }
    }
}
