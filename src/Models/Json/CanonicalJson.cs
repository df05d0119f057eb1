using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Harness;

/// <summary>
/// The one JSON form of options, cell keys and stored lines: kebab-case names, sorted keys, enums by name, shortest round-trip numbers.
/// </summary>
public static class CanonicalJson
{
    /// <summary>Settings shared by everything that reads or writes JSON of the harness. Unknown members are errors.</summary>
    public static JsonSerializerOptions Settings { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A value as a JSON tree whose object keys are in ordinal order at every level.</summary>
    public static JsonNode? ToNode<T>(T value) => Sort(JsonSerializer.SerializeToNode(value, value?.GetType() ?? typeof(T), Settings));

    /// <summary>A value as one line of canonical JSON.</summary>
    public static string ToText<T>(T value) => ToNode(value)?.ToJsonString(Settings) ?? "null";

    /// <summary>Reads what <see cref="ToNode"/> wrote.</summary>
    public static T FromNode<T>(JsonNode? node) =>
        node.Deserialize<T>(Settings) ?? throw new InvalidOperationException($"null where a {typeof(T).Name} was stored");

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static T FromText<T>(string json) => FromNode<T>(JsonNode.Parse(json));

    /// <summary>A copy with object keys in ordinal order at every level.</summary>
    public static JsonNode? Sort(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(
            map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Sort(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sort)]),
        _ => node?.DeepClone(),
    };
}
