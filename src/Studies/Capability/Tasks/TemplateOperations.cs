namespace Harness.Studies.Capability.Tasks;

/// <summary>What expressions of templates do with values, in Python's meaning.</summary>
internal static class TemplateOperations
{
    private const string Remedy = "correct the template or the data";

    private static readonly string[] Methods = ["strip", "lstrip", "rstrip", "index"];

    private static readonly string[] MethodsOfMaps =
        ["clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"];

    /// <summary>Refuses <c>.name</c> where Jinja takes it for a method, even where a field has the name.</summary>
    public static void CheckField(string name)
    {
        if (MethodsOfMaps.Contains(name))
            throw new TemplateException($"found '.{name}', which Jinja takes for a method of Python's, expected a field; write ['{name}']");
    }

    /// <summary>Refuses methods that are not known.</summary>
    public static void CheckMethod(string name, int arguments)
    {
        if (!Methods.Contains(name))
            throw new TemplateException($"found the method '{name}()', expected only {string.Join(", ", Methods)}; put what it computes into the data");
        var expected = name == "index" ? 1 : 0;
        if (arguments != expected)
            throw new TemplateException($"found {arguments} arguments of '{name}()', expected {(expected == 0 ? "none" : "1")}; correct the template");
    }

    /// <summary>Calls a method.</summary>
    public static object? Call(string name, object? value, object?[] arguments) => (name, value) switch
    {
        ("strip", string of) => PythonText.Strip(of),
        ("lstrip", string of) => PythonText.StripLeft(of),
        ("rstrip", string of) => PythonText.StripRight(of),
        ("index", List<object?> of) => of.FindIndex(item => Equals(item, arguments[0])) is >= 0 and var found
            ? (long)found
            : throw new TemplateException(
                $"found {TaskValue.Name(arguments[0])} nowhere in the list before '.index()', expected one of its items; correct the data"),
        _ => throw new TemplateException(
            $"found {TaskValue.Name(value)} before '.{name}()', expected {(name == "index" ? "a list" : "a text")}; {Remedy}"),
    };

    /// <summary>The field or item of a value; negative numbers count from a list's end.</summary>
    public static object? Item(object? value, object? key) => (value, key) switch
    {
        (IReadOnlyDictionary<string, object?> map, string name) => map.TryGetValue(name, out var item)
            ? item
            : throw new TemplateException($"found no field '{name}', expected one of {string.Join(", ", map.Keys)}; {Remedy}"),
        (List<object?> list, long index) => index < list.Count && index >= -list.Count
            ? list[(int)(index < 0 ? index + list.Count : index)]
            : throw new TemplateException($"found item {index} of a list of {list.Count}, expected at most {list.Count - 1}; {Remedy}"),
        _ => throw new TemplateException(
            $"found {TaskValue.Name(value)} where item {TaskValue.Name(key)} is asked for, "
            + $"expected an object with fields or a list with numbers; {Remedy}"),
    };
}
