namespace Harness.CheckpointEdits;

/// <summary>A value that is chosen where the user gives none.</summary>
/// <param name="Option">Name of the option, as in <c>--set=editor.option=value</c>.</param>
/// <param name="Value">The value, as in <c>--set</c>.</param>
/// <param name="Reason">Where it is from, for people.</param>
/// <param name="Unless">Another option that takes its place; null, the default, where none does.</param>
public sealed record EditDefault(string Option, string Value, string Reason, string? Unless = null);

/// <summary>
/// Options that an editor leaves open because they depend on the model or the data, chosen for a user's own checkpoint: layers in
/// proportion to those that the papers give for models of 32 layers.
/// </summary>
public static class EditDefaults
{
    /// <summary>Layers of the models for which the papers give theirs.</summary>
    public const int PublishedLayers = 32;

    private const int RomeLayer = 5, MemitFirst = 4, MemitLast = 8, RlEditFirst = 17, RlEditLast = 18, UltraEditFirst = 29,
        UltraEditLast = 30;
    private const int MemoryLayer = 27, MendLayers = 3;

    /// <summary>The values for an editor on a model.</summary>
    /// <param name="editor">Name in the editor registry.</param>
    /// <param name="layers">The model's number of layers.</param>
    public static IReadOnlyList<EditDefault> For(string editor, int layers) => editor switch
    {
        // LocFT: 21 of 32 layers (F-Learning's FT-c, LLaMA-7B; LocFT-BF: 22 of Llama-3-8B).
        "ft-c" or "ft-l" or "ft-m" or "ft-w" or "locft-bf" or "locft-bf-aug" =>
            [new("layer", Text(layers * 2 / 3), "two thirds of the depth")],
        "rome" or "r-rome" => [new("layer", Text(InProportion(RomeLayer, layers)), $"{RomeLayer} of {PublishedLayers}, in proportion")],

        // EMMET edits one layer of 7B models, ROME's.
        "emmet" => [Between("layers", RomeLayer, RomeLayer, layers)],
        "memit" or "memit-seq" or "pmet" or "alphaedit" => [Between("layers", MemitFirst, MemitLast, layers)],
        "rect" or "prune" => [Between("memit.layers", MemitFirst, MemitLast, layers) with { Unless = "rome" }],

        // Mistral-7B's, which fit the default projection.
        "rledit" => [Between("training.layers", RlEditFirst, RlEditLast, layers)],
        "ultraedit" => [Between("layers", UltraEditFirst, UltraEditLast, layers)],
        "mend" => [new("training.layers", List(Enumerable.Range(0, layers).TakeLast(MendLayers)), $"the last {MendLayers}")],

        // GRACE swaps what layers above it read.
        "grace" => [new("layer", Text(Math.Max(0, Math.Min(InProportion(MemoryLayer, layers), layers - 2))),
            $"{MemoryLayer} of {PublishedLayers}, in proportion")],
        "wise" => [new("layer", Text(InProportion(MemoryLayer, layers)), $"{MemoryLayer} of {PublishedLayers}, in proportion")],

        // Texts are compared there; the papers take encoders of their own.
        "ike" => [new("layer", Text(layers / 2), "half of the depth")],
        "serac" => [new("training.layer", Text(layers / 2), "half of the depth")],

        // A facts file has no old answers.
        "dft-ft" or "dft-lora" or "f-ft" or "f-lora" or "f-lora-ft" =>
            [new("old-knowledge", "model", "the model's own answers before the edit")],
        _ => [],
    };

    private static EditDefault Between(string option, int first, int last, int layers) => new(
        option, List(Enumerable.Range(first, last - first + 1).Select(layer => InProportion(layer, layers)).Distinct()),
        $"{(first == last ? $"{first}" : $"{first} to {last}")} of {PublishedLayers}, in proportion");

    private static int InProportion(int layer, int layers) =>
        Math.Min((int)Math.Round((double)layer * layers / PublishedLayers, MidpointRounding.AwayFromZero), layers - 1);

    private static string List(IEnumerable<int> layers) => $"[{string.Join(", ", layers.Select(Text))}]";

    private static string Text(int layer) => layer.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
