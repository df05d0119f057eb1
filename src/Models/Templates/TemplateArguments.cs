namespace Harness.Models.Templates;

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
