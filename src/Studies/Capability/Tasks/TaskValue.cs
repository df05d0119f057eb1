using System.Globalization;
using System.Text.Json;

namespace Harness.Studies.Capability.Tasks;

/// <summary>Values of documents and expressions: text, long, double, bool, null, a list or a map of such.</summary>
internal static class TaskValue
{
    /// <summary>A JSON value.</summary>
    public static object? Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.TryGetInt64(out var whole) ? (object)whole : json.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => json.EnumerateArray().Select(Of).ToList(),
        JsonValueKind.Object => json.EnumerateObject().GroupBy(property => property.Name, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => Of(same.Last().Value), StringComparer.Ordinal),
        _ => null,
    };

    /// <summary>What Jinja prints for a value; null for what has no plain text: fractions, lists, maps.</summary>
    public static string? Text(object? value) => value switch
    {
        null => "None",
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        bool truth => truth ? "True" : "False",
        _ => null,
    };

    /// <summary>What a value is, in an error's words.</summary>
    public static string Name(object? value) => value switch
    {
        null => "nothing (null)",
        string text => $"the text '{(text.Length > 60 ? text[..60] + "…" : text)}'",
        long or double => string.Create(CultureInfo.InvariantCulture, $"the number {value}"),
        bool truth => truth ? "true" : "false",
        List<object?> list => $"a list of {list.Count}",
        _ => "an object",
    };
}
