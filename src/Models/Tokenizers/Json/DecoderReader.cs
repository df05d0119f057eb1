using System.Text.Json;
using Harness.Models.Tokenizers.Decoders;
using Harness.Models.Tokenizers.PreTokenizers;

namespace Harness.Models.Tokenizers.Json;

/// <summary>Reads the decoder as the list of its steps, or nothing where there is none.</summary>
internal static class DecoderReader
{
    private const string Known = "ByteLevel, Metaspace, Replace, ByteFallback, Fuse, Strip or Sequence";

    public static IReadOnlyList<IDecoder>? Read(JsonComponents json, string component, JsonElement value) =>
        JsonComponents.IsPresent(value) ? [.. Steps(json, component, value)] : null;

    private static IEnumerable<IDecoder> Steps(JsonComponents json, string component, JsonElement value)
    {
        var type = json.TypeOf(component, value);
        if (type != "Sequence") return [Step(json, component, value, type)];
        var list = json.Member(component, json.Members(component, value, ["type", "decoders"]), "decoders");
        return json.Items($"{component}.decoders", list).SelectMany((item, i) => Steps(json, $"{component}.decoders[{i}]", item));
    }

    private static IDecoder Step(JsonComponents json, string component, JsonElement value, string type)
    {
        switch (type)
        {
            case "ByteLevel":
                json.ByteLevel(component, value);
                return new ByteLevelDecoder();
            case "Metaspace":
                var (replacement, scheme, _) = PreTokenizerReader.ReadMetaspace(json, component, value);
                return new MetaspaceDecoder(replacement, scheme != PrependScheme.Never);
            case "Replace":
                return new ReplaceDecoder(NormalizerReader.ReadReplace(json, component, value));
            case "ByteFallback":
                json.Members(component, value, ["type"]);
                return new ByteFallbackDecoder();
            case "Fuse":
                json.Members(component, value, ["type"]);
                return new FuseDecoder();
            case "Strip":
                var strip = json.Members(component, value, ["type", "content", "start", "stop"]);
                return new StripDecoder(
                    json.Character($"{component}.content", json.Member(component, strip, "content")),
                    json.Id($"{component}.start", json.Member(component, strip, "start")),
                    json.Id($"{component}.stop", json.Member(component, strip, "stop")));
            default:
                throw json.Unsupported(component, $"type '{type}'", $"type {Known}");
        }
    }
}
