using System.Globalization;

namespace Harness.Editing;

/// <summary>
/// An option that depends on the model or on the data, and what is taken for it where a user edits a checkpoint without saying: mostly
/// layers, in proportion to those that the papers give for models of <see cref="PublishedLayers"/>.
/// </summary>
/// <param name="Name">Name of the option, as in <c>--set=editor.option=value</c>.</param>
/// <param name="Value">The value, as in <c>--set</c>, for a model of so many layers.</param>
/// <param name="Reason">Where it is from, for people.</param>
public sealed record OpenOption(string Name, Func<int, string> Value, string Reason)
{
    /// <summary>Layers of the models for which the papers give theirs.</summary>
    public const int PublishedLayers = 32;

    /// <summary>Old answers: a user's facts have none. The model's own are taken.</summary>
    public static OpenOption OldKnowledge { get; } =
        new("old-knowledge", _ => "model", "the model's own answers before the edit");

    /// <summary>Another option that takes its place; null, the default, where none does.</summary>
    public string? Unless { get; init; }

    /// <summary>A layer as deep as the published one.</summary>
    /// <param name="name">Name of the option.</param>
    /// <param name="published">Layer of a model of <see cref="PublishedLayers"/>, from 0.</param>
    /// <param name="above">Layers that must lie above it.</param>
    public static OpenOption Layer(string name, int published, int above = 0) => new(
        name, layers => Text(Math.Max(0, Math.Min(InProportion(published, layers), layers - 1 - above))),
        $"{published} of {PublishedLayers}, in proportion");

    /// <summary>Layers as deep as the published ones, of a model of <see cref="PublishedLayers"/>.</summary>
    public static OpenOption Layers(string name, int first, int last) => new(
        name, layers => List(Enumerable.Range(first, last - first + 1).Select(layer => InProportion(layer, layers)).Distinct()),
        $"{(first == last ? $"{first}" : $"{first} to {last}")} of {PublishedLayers}, in proportion");

    /// <summary>The last layers.</summary>
    public static OpenOption LastLayers(string name, int count) =>
        new(name, layers => List(Enumerable.Range(0, layers).TakeLast(count)), $"the last {count}");

    /// <summary>A layer at a share of the depth.</summary>
    /// <param name="name">Name of the option.</param>
    /// <param name="numerator">Of the share.</param>
    /// <param name="denominator">Of the share.</param>
    /// <param name="share">The share in words.</param>
    public static OpenOption LayerAt(string name, int numerator, int denominator, string share) =>
        new(name, layers => Text(layers * numerator / denominator), $"{share} of the depth");

    private static int InProportion(int layer, int layers) =>
        Math.Min((int)Math.Round((double)layer * layers / PublishedLayers, MidpointRounding.AwayFromZero), layers - 1);

    private static string List(IEnumerable<int> layers) => $"[{string.Join(", ", layers.Select(Text))}]";

    private static string Text(int layer) => layer.ToString(CultureInfo.InvariantCulture);
}
