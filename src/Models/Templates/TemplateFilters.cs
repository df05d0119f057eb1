using Filter = System.Func<Harness.Models.Templates.TemplateRun, object?, object?[], object?>;

namespace Harness.Models.Templates;

/// <summary>Jinja's filters.</summary>
internal static class TemplateFilters
{
    private static readonly Dictionary<string,
        ((string Name, object? Default)[] Parameters, Filter Apply)> All = new(StringComparer.Ordinal)
        {
            ["trim"] = ([("chars", null)],
            (run, value, given) => run.Spend(TemplateTexts.Strip(Text(value, "trim"), given[0], left: true, right: true))),
            ["length"] = ([], (run, value, _) => Length(run, value, "length")),
            ["count"] = ([], (run, value, _) => Length(run, value, "count")),
            ["upper"] = ([], (run, value, _) => run.Spend(TemplateTexts.Case("upper", Text(value, "upper")))),
            ["lower"] = ([], (run, value, _) => run.Spend(TemplateTexts.Case("lower", Text(value, "lower")))),
            ["capitalize"] = ([], (run, value, _) => run.Spend(TemplateTexts.Case("capitalize", Text(value, "capitalize")))),
            ["title"] = ([], (run, value, _) => run.Spend(TemplateTexts.Case("|title", Text(value, "title")))),
            ["string"] = ([], (run, value, _) => value is Markup ? value : run.Spend(Text(value, "string"))),
            ["replace"] = ([("old", TemplateArguments.Required), ("new", TemplateArguments.Required), ("count", null)],
                (run, value, given) =>
                TemplateTexts.Replace(run, Text(value, "replace"), Text(given[0], "replace"), Text(given[1], "replace"), given[2])),
            ["tojson"] = ([("ensure_ascii", false), ("indent", null)], ToJson),
            ["join"] = ([("d", ""), ("attribute", null)], (run, value, given) => run.Spend(string.Join(
                Text(given[0], "join"),
                    TemplateOperations.Items(run, value).Select(item => run.Spend(Text(Part(run, item, given[1]), "join")))))),
            ["default"] = ([("default_value", ""), ("boolean", false)], Default),
            ["d"] = ([("default_value", ""), ("boolean", false)], Default),
            ["first"] = ([], (run, value, _) => TemplateOperations.Items(run, value) is [var first, ..] ? first
                : new Undefined("the first of nothing")),
            ["last"] = ([], (run, value, _) => TemplateOperations.Items(run, value) is [.., var last] ? last
                : new Undefined("the last of nothing")),
            ["list"] = ([], (run, value, _) => TemplateOperations.Items(run, value).ToList()),
            ["reverse"] = ([], (run, value, _) => value is string
                ? string.Concat(Enumerable.Reverse(TemplateOperations.Items(run, value)))
                : Enumerable.Reverse(TemplateOperations.Items(run, value)).ToList()),
            ["items"] = ([], (run, value, _) => value is Undefined ? new List<object?>()
                : TemplateMethods.Call(run, "items", value, new([], []))),
            ["int"] = ([("default", 0L)], (_, value, given) => Whole(value, given[0])),
            ["safe"] = ([], (_, value, _) => new Markup(Text(value, "safe"))),
            ["e"] = ([], (run, value, _) => Escaped(run, value)),
            ["escape"] = ([], (run, value, _) => Escaped(run, value)),
        };

    // Their arguments are those of a test or filter that they name.
    private static readonly string[] OfItems = ["map", "select", "reject", "selectattr", "rejectattr"];

    /// <summary>Names of all filters.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. All.Keys.Concat(OfItems).Order(StringComparer.Ordinal)];

    /// <summary>Refuses a filter that is not known.</summary>
    public static void Check(TemplateRules rules, string name)
    {
        if (rules.Filters.Contains(name)) return;
        var remedy = rules.IsWhole ? "take another template" : "put what it computes into the data";
        throw new TemplateException($"found the filter '{name}', expected only {string.Join(", ", rules.Filters)}; "
            + (name == "strip" ? "Jinja has no such filter: write trim, or .strip()" : remedy));
    }

    /// <summary>What a filter makes of a value.</summary>
    public static object? Apply(TemplateRun run, string name, object? value, TemplateArguments arguments)
    {
        Check(run.Rules, name);
        run.Spend(value is string text ? text.Length : 1);
        if (OfItems.Contains(name)) return OverItems(run, name, value, arguments);
        var (parameters, apply) = All[name];
        return apply(run, value, arguments.Bind($"'|{name}'", parameters));
    }

    private static List<object?> OverItems(TemplateRun run, string name, object? value, TemplateArguments arguments)
    {
        var items = TemplateOperations.Items(run, value);
        if (name == "map" && arguments.Values.Count == 0)
        {
            var given = arguments.Bind("'|map'", ("attribute", TemplateArguments.Required), ("default", null));
            return [.. items.Select(item => Part(run, item, given[0])).Select(part => part is Undefined ? given[1] ?? part : part)];
        }

        var takesPart = name.EndsWith("attr", StringComparison.Ordinal);
        if (arguments.Values.Count == 0 && (takesPart || name == "map"))
            throw new TemplateException(
                $"found no argument of '|{name}', expected the name of {(takesPart ? "an attribute" : "a filter")}; correct the template");
        var rest = arguments.Values.Skip(takesPart ? 1 : 0).ToList();
        var (function, more) = (rest.Count == 0 ? null : Text(rest[0], name), arguments with { Values = [.. rest.Skip(1)] });
        if (name == "map") return [.. items.Select(item => Apply(run, function!, item, more))];
        var wanted = name.StartsWith("select", StringComparison.Ordinal);
        return [.. items.Where(item => Holds(takesPart ? Part(run, item, arguments.Values[0]) : item) == wanted)];

        bool Holds(object? part) => function is null ? TemplateValue.IsTrue(part) : TemplateChecks.Holds(run, function, part, more);
    }

    // An attribute by its name, or by several with dots between them; null for the value itself.
    private static object? Part(TemplateRun run, object? value, object? path) => path switch
    {
        null => value,
        string names => names.Split('.').Aggregate(value, (part, name) =>
            TemplateOperations.Item(run, part, PythonText.IsNumber(name, out var index) ? (long)index : name)),
        _ => TemplateOperations.Item(run, value, path),
    };

    private static string Text(object? value, string filter) =>
        value is not Markup && TemplateValue.Text(value) is { } text ? text : throw new TemplateException(
        $"found {TemplateValue.Name(value)} before '|{filter}', expected a text; correct the template or the data");

    private static long Length(TemplateRun run, object? value, string filter) => value switch
    {
        string text => PythonText.Length(text),
        Markup markup => PythonText.Length(markup.Text),
        List<object?> or IReadOnlyDictionary<string, object?> or Undefined => TemplateOperations.Items(run, value).Count,
        _ => throw new TemplateException(
            $"found {TemplateValue.Name(value)} before '|{filter}', expected a text, a list or an object; " +
                "correct the template or the data"),
    };

    private static object? Default(TemplateRun run, object? value, object?[] given) =>
        value is Undefined || (TemplateValue.IsTrue(given[1]) && !TemplateValue.IsTrue(value)) ? given[0] : value;

    private static object? Whole(object? value, object? otherwise) => value switch
    {
        long number => number,
        bool truth => truth ? 1L : 0L,
        double number when Math.Abs(number) < long.MaxValue => (long)number,
        string text when long.TryParse(PythonText.Strip(text), out var number) => number,
        string or null or List<object?> => otherwise,
        _ => throw new TemplateException(
            $"found {TemplateValue.Name(value)} before '|int', expected a number or a text; correct the template or the data"),
    };

    private static Markup Escaped(TemplateRun run, object? value) =>
        value as Markup ?? new Markup(run.Spend(TemplateTexts.Escape(Text(value, "escape"))));

    private static string ToJson(TemplateRun run, object? value, object?[] given)
    {
        if (given[0] is not false || given[1] is not (null or long))
            throw new TemplateException(
                "found other arguments of '|tojson' than indent=<number>, expected only that one; take another template");
        return new TemplateJson(run, given[1] is long indent ? (int)Math.Clamp(indent, 0, 100) : null).Write(value);
    }
}

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
