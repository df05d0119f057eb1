namespace Harness.Studies.Facts;

/// <summary>A value that is chosen where the user gives none.</summary>
/// <param name="Option">Name of the option, as in <c>--set=editor.option=value</c>.</param>
/// <param name="Value">The value, as in <c>--set</c>.</param>
/// <param name="Reason">Where it is from, for people.</param>
public sealed record EditDefault(string Option, string Value, string Reason);

/// <summary>
/// Options that an editor leaves open because they depend on the model or the data, chosen for a user's own checkpoint: layers in proportion to
/// those that the papers give for models of 32 layers.
/// </summary>
public static class EditDefaults
{
    /// <summary>Layers of the models for which the papers give theirs.</summary>
    public const int PublishedLayers = 32;

    private const int RomeLayer = 5, MemitFirst = 4, MemitLast = 8;

    /// <summary>The values for an editor on a model.</summary>
    /// <param name="editor">Name in the editor registry.</param>
    /// <param name="layers">The model's number of layers.</param>
    public static IReadOnlyList<EditDefault> For(string editor, int layers) => editor switch
    {
        // LocFT: 21 of 32 layers (F-Learning's FT-c, LLaMA-7B; LocFT-BF: 22 of Llama-3-8B).
        "ft-c" or "ft-l" or "ft-m" or "ft-w" or "locft-bf" or "locft-bf-aug" => [new("layer", Text(layers * 2 / 3), "two thirds of the depth")],
        "rome" => [new("layer", Text(InProportion(RomeLayer, layers)), $"{RomeLayer} of {PublishedLayers}, in proportion")],
        "memit" => [new(
            "layers", $"[{string.Join(", ", Enumerable.Range(MemitFirst, MemitLast - MemitFirst + 1).Select(layer => InProportion(layer, layers)).Distinct())}]",
            $"{MemitFirst} to {MemitLast} of {PublishedLayers}, in proportion")],

        // A facts file has no old answers.
        "dft-ft" or "dft-lora" or "f-ft" or "f-lora" or "f-lora-ft" => [new("old-knowledge", "model", "the model's own answers before the edit")],
        _ => [],
    };

    private static int InProportion(int layer, int layers) =>
        Math.Min((int)Math.Round((double)layer * layers / PublishedLayers, MidpointRounding.AwayFromZero), layers - 1);

    private static string Text(int layer) => layer.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
