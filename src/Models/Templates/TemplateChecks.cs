namespace Harness.Models.Templates;

/// <summary>Jinja's tests, which stand behind <c>is</c>.</summary>
internal static class TemplateChecks
{
    private static readonly Dictionary<string, Func<object?, bool>> Kinds = new(StringComparer.Ordinal)
    {
        ["defined"] = value => value is not Undefined,
        ["undefined"] = value => value is Undefined,
        ["none"] = value => value is null,
        ["true"] = value => value is true,
        ["false"] = value => value is false,
        ["boolean"] = value => value is bool,
        ["string"] = value => value is string or Markup,
        ["number"] = value => value is long or double or bool,
        ["integer"] = value => value is long,
        ["float"] = value => value is double,
        ["mapping"] = value => value is IReadOnlyDictionary<string, object?>,
        ["iterable"] = value =>
            value is string or Markup or List<object?> or IReadOnlyDictionary<string, object?> or Undefined or TemplateLoop,
        ["sequence"] = value => value is string or Markup or List<object?> or IReadOnlyDictionary<string, object?> or Undefined,
        ["callable"] = value => value is TemplateFunction,
    };

    // Other spellings of the comparisons.
    private static readonly (string Name, string Operation)[] Comparisons =
    [
        ("eq", "=="), ("equalto", "=="), ("==", "=="), ("ne", "!="), ("!=", "!="), ("lt", "<"), ("lessthan", "<"), ("<", "<"),
            ("le", "<="), ("<=", "<="),
        ("gt", ">"), ("greaterthan", ">"), (">", ">"), ("ge", ">="), (">=", ">="), ("in", "in"),
    ];

    /// <summary>Whether a test holds for a value.</summary>
    public static bool Holds(TemplateRun run, string name, object? value, TemplateArguments arguments)
    {
        if (Kinds.TryGetValue(name, out var isKind))
        {
            arguments.Bind($"'is {name}'");
            return isKind(value);
        }

        if (Array.Find(Comparisons, comparison => comparison.Name == name) is { Operation: { } operation })
            return TemplateOperations.Compare(
                run, operation, value, arguments.Bind($"'is {name}'", ("other", TemplateArguments.Required))[0]);
        if (name is "odd" or "even" or "divisibleby")
        {
            var by = arguments.Bind($"'is {name}'", ("num", name == "divisibleby" ? TemplateArguments.Required : 2L))[0];
            return TemplateOperations.AreEqual(run, TemplateOperations.Compute(run, "%", value, by), name == "odd" ? 1L : 0L);
        }

        var known = Kinds.Keys.Concat(Comparisons.Select(comparison => comparison.Name).Where(key => char.IsLetter(key[0])));
        throw new TemplateException(
            $"found the test '{name}', expected only {string.Join(", ", known)}, odd, even, divisibleby; take another template");
    }
}
