using System.Text.Json.Nodes;
using Harness.Models.Json;

namespace Harness.Models.Families;

/// <summary>
/// The rotary fields of config.json: <c>rope_theta</c> and <c>rope_scaling</c>, or <c>rope_parameters</c> with both (transformers 5).
/// </summary>
internal static class RotaryFields
{
    private const double UsualBase = 10_000;
    private const string Default = "default", Linear = "linear", Llama3 = "llama3";
    private const string TwoReadings = "versions of transformers take one or the other: leave one out";
    private static readonly string[] Sections = ["rope_parameters", "rope_scaling"], Names = ["rope_type", "type"];

    /// <summary>Base and scaling.</summary>
    /// <exception cref="InputException">The file says two things, as different versions of transformers read it, or scales in another
    /// way.</exception>
    public static (double Base, RotaryScaling? Scaling) Read(JsonPlace file)
    {
        file.Expect("partial_rotary_factor", "1", "null");
        var given = file["rope_theta"].Optional?.Number();
        (double Base, RotaryScaling? Scaling)? first = null;
        foreach (var key in Sections)
        {
            if (file[key].Optional is not { } section || !section.Fields.Any()) continue;
            var inner = section["rope_theta"].Optional?.Number();
            if (inner is not null && given is not null && inner != given)
                throw file[key].Wrong($"the rope_theta {given} that the file names beside it", TwoReadings);
            var found = (inner ?? given ?? UsualBase, Scaling(section));
            if (first is { } other && other != found)
                throw file[key].Wrong($"what {Sections[0]} says", TwoReadings);
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

    private static RotaryScaling? Scaling(JsonPlace section)
    {
        // "type" is the older name; some files have both, and versions differ in which one they take.
        string[] names = [.. Names.Where(name => section[name].IsGiven)];
        if (names.Length == 2 && section[names[0]].Text() != section[names[1]].Text())
            throw section[names[0]].Wrong($"{section[names[1]].Shown()} as {names[1]}", "they are one field: correct one of them");
        var key = names.FirstOrDefault() ?? Names[0];
        var type = names.Length == 0 && !section["factor"].IsGiven ? Default : section[key].Text();
        section.Expect("partial_rotary_factor", "1", "null");
        if (type != Llama3) section.Ignore("original_max_position_embeddings");
        if (type == Default) section.Expect("factor", "1", "null");
        RotaryScaling? scaling = type switch
        {
            Default => null,
            Linear => new RotaryScaling(section["factor"].Number()),
            Llama3 => new RotaryScaling(
                section["factor"].Number(), section["low_freq_factor"].Number(), section["high_freq_factor"].Number(),
                section["original_max_position_embeddings"].Integer()),
            _ => throw section[key].Unsupported($"{Default}, {Linear} or {Llama3}"),
        };
        if (scaling is { LowFrequencyFactor: { } low, HighFrequencyFactor: { } high } && !(low > 0 && high > low))
            throw section["high_freq_factor"].Wrong("more than low_freq_factor, which is more than 0");
        section.Finish();
        return scaling;
    }
}
