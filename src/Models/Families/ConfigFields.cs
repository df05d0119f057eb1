using System.Text.Json;
using Harness.Models.Json;

namespace Harness.Models.Families;

/// <summary>What a config.json is asked besides its fields: what may stand in it, and that nothing else does.</summary>
internal static class ConfigFields
{
    /// <summary>How errors about a config.json are put.</summary>
    public static readonly JsonVoice Voice = new("fetch the file again");

    private const string NotComputed = "another is not computed here: take a model without it";
    private const string OrNot = "otherwise the model cannot be edited here";

    // transformers, its older name there, and MLX.
    private static readonly string[] Quantisations = ["quantization_config", "compression_config", "quantization"];

    /// <summary>A field that, where it is present, has one of the supported values, given as JSON. Numbers are compared by value.</summary>
    public static void Expect(this JsonPlace file, string key, params ReadOnlySpan<string> json)
    {
        var found = file[key];
        if (!found.IsGiven) return;
        foreach (var value in json)
            if (JsonElement.DeepEquals(found.Value, JsonElement.Parse(value))) return;
        throw found.Wrong(string.Join(" or ", json), NotComputed);
    }

    /// <summary>Fields that do not change the computation.</summary>
    public static void Ignore(this JsonPlace file, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys) _ = file[key];
    }

    /// <summary>A value that is not among those that are computed here.</summary>
    public static InputException Unsupported(this JsonPlace place, string expected) => place.Wrong(expected, NotComputed);

    /// <summary>Refuses weights that are no plain numbers.</summary>
    /// <exception cref="InputException">The file says that the checkpoint is quantised.</exception>
    public static void RefuseQuantised(this JsonPlace file)
    {
        foreach (var found in Quantisations.Select(key => file[key]).Where(found => found.Optional is not null))
        {
            var method = found.Value.ValueKind == JsonValueKind.Object && found["quant_method"].Optional is { } name
                ? $" by {name.Shown()}" : "";
            throw Quantised(found.Where, "a checkpoint that is quantised" + method);
        }
    }

    /// <summary>The error about weights that are no plain numbers.</summary>
    public static InputException Quantised(string where, string found) => new(
        $"{where}: found {found}, expected weights in float32, bfloat16 or float16; "
        + "take the checkpoint that it was made from, or dequantise it first");

    /// <summary>Refuses every field that nothing asked for.</summary>
    public static void Finish(this JsonPlace file) => file.Only("only those that are known here", unknown => unknown.Count == 1
        ? "it may change the computation, so it is not ignored: if it does not, remove it from a copy of the file, " + OrNot
        : "they may change the computation, so they are not ignored: if they do not, remove them from a copy of the file, " + OrNot);
}
