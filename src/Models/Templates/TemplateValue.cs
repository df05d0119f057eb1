using System.Globalization;
using System.Text.Json;
using Harness.Models.Json;

namespace Harness.Models.Templates;

/// <summary>
/// Values of templates: text, long, double, bool, null, a list or a map of such; within a template also those of this file's other types.
/// </summary>
public static class TemplateValue
{
    /// <summary>A JSON value.</summary>
    public static object? Of(JsonPlace json) => json.Value.ValueKind switch
    {
        JsonValueKind.String => json.Text(),
        JsonValueKind.Number => json.Value.TryGetInt64(out var whole) ? (object)whole : json.Value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => json.Items.Select(Of).ToList(),
        JsonValueKind.Object => json.Fields.ToDictionary(field => field.Name, field => Of(field.Place), StringComparer.Ordinal),
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

/// <summary>Arguments of a call.</summary>
internal sealed record TemplateArguments(IReadOnlyList<object?> Values, IReadOnlyList<KeyValuePair<string, object?>> Named)
{
    /// <summary>Stands where a parameter has no default.</summary>
    public static readonly object Required = new();

    /// <summary>A default that says whether an argument was given.</summary>
    public static readonly object Absent = new();

    /// <summary>The value of each parameter.</summary>
    /// <param name="what">What is called, for errors.</param>
    /// <param name="parameters">Names and defaults.</param>
    public object?[] Bind(string what, params ReadOnlySpan<(string Name, object? Default)> parameters)
    {
        if (Values.Count > parameters.Length)
            throw new TemplateException(
                $"found {Values.Count} arguments of {what}, expected at most {parameters.Length}; correct the template");
        var bound = new object?[parameters.Length];
        var taken = 0;
        for (var i = 0; i < bound.Length; i++)
        {
            var name = parameters[i].Name;
            var isNamed = Named.Any(pair => pair.Key == name);
            if (isNamed && i < Values.Count)
                throw new TemplateException($"found '{name}' of {what} twice, expected it once; correct the template");
            if (isNamed) taken++;
            bound[i] = i < Values.Count ? Values[i] : isNamed ? Named.Last(pair => pair.Key == name).Value : parameters[i].Default;
            if (bound[i] == Required) throw new TemplateException($"found no '{name}' of {what}, expected one; correct the template");
        }

        if (taken == Named.Count) return bound;
        string[] known = [.. parameters.ToArray().Select(parameter => parameter.Name)];
        var unknown = Named.First(pair => !known.Contains(pair.Key)).Key;
        throw new TemplateException(
            $"found the argument '{unknown}' of {what}, expected only {(known.Length == 0 ? "none" : string.Join(", ", known))}; "
            + "it is not understood here");
    }
}

/// <summary>Arguments of a call as the template has them.</summary>
internal sealed record ArgumentList(List<Evaluation> Values, List<(string Name, Evaluation Value)> Named)
{
    /// <summary>No arguments.</summary>
    public static readonly ArgumentList None = new([], []);

    /// <summary>How many there are.</summary>
    public int Count => Values.Count + Named.Count;

    /// <summary>Their values.</summary>
    public TemplateArguments Evaluate(TemplateRun run)
    {
        run.Spend(Count);
        return new([.. Values.Select(value => value(run))], [.. Named.Select(pair => KeyValuePair.Create(pair.Name, pair.Value(run)))]);
    }
}

/// <summary>Functions that every template with statements has.</summary>
internal static class TemplateFunctions
{
    /// <summary>By their names.</summary>
    public static readonly IReadOnlyDictionary<string, TemplateFunction> All = new Dictionary<string,
        TemplateFunction>(StringComparer.Ordinal)
    {
        ["namespace"] = (_, arguments) => new TemplateNamespace(Named("namespace()", arguments)),
        ["dict"] = (_, arguments) => Named("dict()", arguments),
        ["range"] = (run, arguments) => Range(run, arguments.Values.Count == 1
            ? [0L, arguments.Values[0], 1L]
            : arguments.Bind("range()", ("start", TemplateArguments.Required), ("stop", TemplateArguments.Required), ("step", 1L))),
    };

    private static Dictionary<string, object?> Named(string what, TemplateArguments arguments)
    {
        if (arguments.Values is [var first, ..])
            throw new TemplateException($"found {TemplateValue.Name(first)} in {what}, expected only name=value; take another template");
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in arguments.Named) values[name] = value;
        return values;
    }

    private static List<object?> Range(TemplateRun run, object?[] bounds)
    {
        if (bounds is not [long start, long stop, long step] || step == 0)
        {
            throw new TemplateException(
                $"found {string.Join(", ", bounds.Select(TemplateValue.Name))} in range(), " +
                    "expected whole numbers and a step that is not 0; correct the template");
        }

        var numbers = new List<object?>();
        for (var number = start; step > 0 ? number < stop : number > stop; number += step)
        {
            run.Spend(1);
            numbers.Add(number);
        }

        return numbers;
    }
}
