namespace Harness.Models.Templates;

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
