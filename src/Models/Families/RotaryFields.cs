using System.Text.Json.Nodes;

namespace Harness.Models.Families;

/// <summary>
/// The rotary fields of config.json: <c>rope_theta</c> and <c>rope_scaling</c>, or <c>rope_parameters</c> with both (transformers 5).
/// </summary>
internal static class RotaryFields
{
    private const double UsualBase = 10_000;
    private const string Default = "default", Linear = "linear", Llama3 = "llama3";
    private static readonly string[] Sections = ["rope_parameters", "rope_scaling"], Names = ["rope_type", "type"];

    /// <summary>Base and scaling.</summary>
    /// <exception cref="InputException">The file says two things, as different versions of transformers read it, or scales in another
    /// way.</exception>
    public static (double Base, RotaryScaling? Scaling) Read(ConfigFile file)
    {
        file.Expect("partial_rotary_factor", "1", "null");
        var given = file.OptionalNumber("rope_theta");
        (double Base, RotaryScaling? Scaling)? first = null;
        foreach (var key in Sections)
        {
            if (file.Section(key) is not { IsEmpty: false } section) continue;
            var inner = section.OptionalNumber("rope_theta");
            if (inner is not null && given is not null && inner != given)
                throw file.Wrong(key,
                    $"the rope_theta {given} that the file names beside it: versions of transformers take one or the other; leave one out");
            var found = (inner ?? given ?? UsualBase, Scaling(section));
            if (first is { } other && other != found)
                throw file.Wrong(key, $"what {Sections[0]} says: versions of transformers take one or the other; leave one out");
            first = found;
        }

        return first ?? (given ?? UsualBase, null);
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
        // "type" is the older name; some files have both, and versions differ in which one they take.
        string[] names = [.. Names.Where(section.Has)];
        if (names.Length == 2 && section.Text(names[0]) != section.Text(names[1]))
            throw section.Wrong(names[0], $"as '{names[1]}': they are one field");
        var key = names.FirstOrDefault() ?? Names[0];
        var type = names.Length == 0 && !section.Has("factor") ? Default : section.Text(key);
        section.Expect("partial_rotary_factor", "1", "null");
        if (type != Llama3) section.Ignore("original_max_position_embeddings");
        if (type == Default) section.Expect("factor", "1", "null");
        RotaryScaling? scaling = type switch
        {
            Default => null,
            Linear => new RotaryScaling(section.Number("factor")),
            Llama3 => new RotaryScaling(
                section.Number("factor"), section.Number("low_freq_factor"), section.Number("high_freq_factor"),
                section.Integer("original_max_position_embeddings")),
            _ => throw section.Wrong(key, $"{Default}, {Linear} or {Llama3}; another is not computed here: take a model without it"),
        };
        if (scaling is { LowFrequencyFactor: { } low, HighFrequencyFactor: { } high } && !(low > 0 && high > low))
            throw section.Wrong("high_freq_factor", "more than low_freq_factor, which is more than 0");
        section.Finish();
        return scaling;
    }
}
