using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Harness.Tests.Docs.Schema;

/// <summary>
/// The tables of keys in a guide: what stands between <c>&lt;!-- keys: experiment#/definitions/scale-file --&gt;</c> and
/// <c>&lt;!-- end of keys --&gt;</c> is made out of that part of a schema.
/// </summary>
internal static partial class KeyTables
{
    private const string End = "<!-- end of keys -->";

    /// <summary>The text with its tables as they should be.</summary>
    public static string Renew(string text) => Block().Replace(text, block =>
        $"<!-- keys: {block.Groups["at"].Value} -->\n{Of(At(block.Groups["at"].Value))}{End}");

    /// <summary>The parts of schemas that have a table.</summary>
    public static IEnumerable<string> Places(string text) => Block().Matches(text).Select(block => block.Groups["at"].Value);

    private static JsonObject At(string place)
    {
        var (schema, pointer) = place.Split('#') is [var name, var path] ? (name, path) : (place, "");
        return pointer.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(SchemaWriter.All[schema], (node, key) => (JsonObject)node[key]!);
    }

    private static string Of(JsonObject node)
    {
        var required = (node["required"] as JsonArray ?? []).Select(key => key!.GetValue<string>()).ToHashSet();
        var rows = ((JsonObject)node["properties"]!).Select(member =>
        {
            var value = (JsonObject)member.Value!;
            var standard = required.Contains(member.Key) ? "required" : value["default"] is { } one ? $"`{one}`" : "";
            return $"| `{member.Key}` | {Takes(value)} | {standard} | {Escaped($"{value["description"]}{Meanings(value)}")} |\n";
        });
        return $"| key | takes | default | |\n|---|---|---|---|\n{string.Concat(rows)}";
    }

    private static string Takes(JsonObject node) => node switch
    {
        _ when node["enum"] is not null || node["anyOf"] is not null => "a name",
        _ when node["$ref"] is { } other => $"`{other.GetValue<string>().Split('/')[^1]}`",
        _ when node["items"] is JsonObject item => $"a list of {Plural(Takes(item))}",
        _ when node["additionalProperties"] is JsonObject value => $"names with {Plural(Takes(value))}",
        _ => node["type"] switch
        {
            JsonArray { Count: > 2 } => "a value",
            JsonArray several => Word(several[0]!.GetValue<string>()),
            { } one => Word(one.GetValue<string>()),
            null => "",
        },
    };

    private static string Word(string type) => type switch
    {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => "keys and values",
    };

    private static string Plural(string takes) => takes switch
    {
        "a name" => "names",
        "a value" => "values",
        "text" => "texts",
        "a whole number" => "whole numbers",
        "a number" => "numbers",
        _ => takes,
    };

    private static string Escaped(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Meanings(JsonObject node)
    {
        var named = node["items"] is JsonObject items ? items["anyOf"]?[0] : node;
        return named?["enum"] is not JsonArray names ? ""
            : string.Concat(names.Zip((JsonArray)named["enumDescriptions"]!).Select(pair => $"<br>`{pair.First}`: {pair.Second}"));
    }

    [GeneratedRegex("<!-- keys: (?<at>[^ ]+) -->\n.*?" + End, RegexOptions.Singleline)]
    private static partial Regex Block();
}
