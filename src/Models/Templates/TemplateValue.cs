using System.Globalization;
using System.Text.Json;

namespace Harness.Models.Templates;

/// <summary>
/// Values of templates: text, long, double, bool, null, a list or a map of such; within a template also those of this file's other types.
/// </summary>
public static class TemplateValue
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
        Undefined => "",
        Markup markup => markup.Text,
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
        Undefined undefined => $"{undefined.What}, which is not there",
        Markup => "a text that is escaped or safe",
        TemplateFunction => "a macro or function",
        TemplateLoop => "the loop",
        _ => "an object",
    };

    /// <summary>Python's truth of a value.</summary>
    internal static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool truth => truth,
        string text => text.Length > 0,
        Markup markup => markup.Text.Length > 0,
        long number => number != 0,
        double number => number != 0,
        List<object?> list => list.Count > 0,
        IReadOnlyDictionary<string, object?> map => map.Count > 0,
        _ => true,
    };
}

/// <summary>What is not there: it prints nothing, is false, and has no parts.</summary>
/// <param name="What">What was asked for.</param>
internal sealed record Undefined(string What);

/// <summary>Text of which Jinja would escape what is joined to it: it can be printed, and nothing else.</summary>
internal sealed record Markup(string Text);

/// <summary>What <c>namespace()</c> gives: values that statements inside a loop can set for those behind it.</summary>
internal sealed class TemplateNamespace(IEnumerable<KeyValuePair<string, object?>> values)
{
    public Dictionary<string, object?> Values { get; } = new(values, StringComparer.Ordinal);
}

/// <summary>A macro, or a function that the template is given.</summary>
internal delegate object? TemplateFunction(TemplateRun run, TemplateArguments arguments);
