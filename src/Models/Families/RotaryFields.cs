using System.Text.Json.Nodes;

namespace Harness.Models.Families;

/// <summary>The rotary fields of config.json: <c>rope_theta</c> and <c>rope_scaling</c>, or <c>rope_parameters</c> with both (transformers 5).</summary>
internal static class RotaryFields
{
    private const double UsualBase = 10_000;

    /// <summary>Base and scaling.</summary>
    public static (double Base, RotaryScaling? Scaling) Read(ConfigFile file)
    {
        if (file.Section("rope_parameters") is { } parameters)
        {
            var theta = parameters.Number("rope_theta", UsualBase);
            return (theta, Scaling(parameters));
        }

        return (file.Number("rope_theta", UsualBase), file.Section("rope_scaling") is { } scaling ? Scaling(scaling) : null);
    }

    /// <summary>Adds the fields to a config.json.</summary>
    public static void Write(JsonObject json, TransformerConfig config)
    {
        json["rope_theta"] = config.RotaryBase;
        json["rope_scaling"] = config.RotaryScaling switch
        {
            null => null,
            { OriginalPositions: null } linear => new JsonObject { ["rope_type"] = "linear", ["factor"] = linear.Factor },
            var llama3 => new JsonObject
            {
                ["rope_type"] = "llama3",
                ["factor"] = llama3.Factor,
                ["low_freq_factor"] = llama3.LowFrequencyFactor,
                ["high_freq_factor"] = llama3.HighFrequencyFactor,
                ["original_max_position_embeddings"] = llama3.OriginalPositions,
            },
        };
    }

    private static RotaryScaling? Scaling(ConfigFile section)
    {
        // "type" is the older name; some files have both.
        section.Ignore("type");
        var key = section.Has("rope_type") ? "rope_type" : "type";
        var type = section.Text(key);
        RotaryScaling? scaling = type switch
        {
            "default" => null,
            "linear" => new RotaryScaling(section.Number("factor")),
            "llama3" => new RotaryScaling(
                section.Number("factor"), section.Number("low_freq_factor"), section.Number("high_freq_factor"),
                section.Integer("original_max_position_embeddings")),
            _ => throw section.Wrong(key, "default, linear or llama3"),
        };
        if (scaling is { LowFrequencyFactor: { } low, HighFrequencyFactor: { } high } && !(low > 0 && high > low))
            throw section.Wrong("high_freq_factor", "more than low_freq_factor, which is more than 0");
        section.Finish();
        return scaling;
    }
}
