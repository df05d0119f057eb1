using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Harness.Models.Templates;

/// <summary>Methods of texts, lists and maps, in Python's meaning.</summary>
internal static class TemplateMethods
{
    /// <summary>The methods, with their least and most arguments.</summary>
    public static readonly IReadOnlyDictionary<string, (int Least, int Most)> Arities = new Dictionary<string,
        (int, int)>(StringComparer.Ordinal)
    {
        ["strip"] = (0, 1),
        ["lstrip"] = (0, 1),
        ["rstrip"] = (0, 1),
        ["split"] = (0, 2),
        ["startswith"] = (1, 1),
        ["endswith"] = (1, 1),
        ["replace"] = (2, 3),
        ["upper"] = (0, 0),
        ["lower"] = (0, 0),
        ["title"] = (0, 0),
        ["capitalize"] = (0, 0),
        ["find"] = (1, 1),
        ["join"] = (1, 1),
        ["index"] = (1, 1),
        ["get"] = (1, 2),
        ["items"] = (0, 0),
        ["keys"] = (0, 0),
        ["values"] = (0, 0),
    };

    private static readonly string[] MethodsOfMaps =
        ["clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"];

    private static readonly string[] MethodsOfOthers =
    [
        "append", "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "extend", "find", "format",
        "format_map", "index", "insert", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
        "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip", "maketrans", "partition", "remove",
        "removeprefix", "removesuffix", "replace", "reverse", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "sort",
        "split", "splitlines", "startswith", "strip", "swapcase", "title", "translate", "upper", "zfill",
    ];

    /// <summary>Whether Python's texts or lists have a method of a name.</summary>
    public static bool IsOfPython(string name) => MethodsOfOthers.Contains(name);

    /// <summary>Refuses <c>.name</c> where Jinja takes it for a method, even where a field has the name.</summary>
    public static void CheckField(string name)
    {
        if (MethodsOfMaps.Contains(name))
            throw new TemplateException($"found '.{name}', which Jinja takes for a method of Python's, expected a field; write ['{name}']");
    }

    /// <summary>Refuses methods that are not known, and other numbers of arguments than they take.</summary>
    public static void Check(TemplateRules rules, string name, int arguments)
    {
        if (!rules.Methods.TryGetValue(name, out var arity))
        {
            throw new TemplateException($"found the method '{name}()', expected only {string.Join(", ", rules.Methods.Keys)}; "
                + (rules.IsWhole ? "take another template" : "put what it computes into the data"));
        }

        if (arguments >= arity.Least && arguments <= arity.Most) return;
        var expected = arity.Most == 0 ? "none" : arity.Least == arity.Most ? $"{arity.Most}" : $"{arity.Least} to {arity.Most}";
        throw new TemplateException($"found {arguments} arguments of '{name}()', expected {expected}; correct the template");
    }

    /// <summary>Calls a method.</summary>
    public static object? Call(TemplateRun run, string name, object? value, TemplateArguments arguments)
    {
        Check(run.Rules, name, arguments.Values.Count + arguments.Named.Count);
        if (arguments.Named.Count > 0)
            throw new TemplateException(
                $"found the argument '{arguments.Named[0].Key}' of '{name}()', expected arguments without a name; take another template");
        return value switch
        {
            string text => OfText(run, name, text, arguments.Values),
            List<object?> list => OfList(run, name, list, arguments.Values),
            IReadOnlyDictionary<string, object?> map => OfMap(run, name, map, arguments.Values),
            _ => throw Wrong(name, value, name == "index" ? "a list" : "a text"),
        };
    }

    private static object? OfText(TemplateRun run, string name, string text, IReadOnlyList<object?> arguments)
    {
        run.Spend(text.Length + 1);
        return name switch
        {
            "strip" or "lstrip" or "rstrip" =>
                TemplateTexts.Strip(text, arguments.Count == 0 ? null : arguments[0], name != "rstrip", name != "lstrip"),
            "split" => TemplateTexts.Split(run, text, arguments),
            "startswith" => Any(arguments[0], part => text.StartsWith(part, StringComparison.Ordinal)),
            "endswith" => Any(arguments[0], part => text.EndsWith(part, StringComparison.Ordinal)),
            "replace" => TemplateTexts.Replace(run, text, arguments[0], arguments[1], arguments.Count == 3 ? arguments[2] : null),
            "upper" or "lower" or "title" or "capitalize" => TemplateTexts.Case(name, text),
            "find" => Find(run, text, TemplateTexts.Text(arguments[0], "'.find()'")),
            "join" => run.Spend(
                string.Join(text, TemplateOperations.Items(run, arguments[0]).Select(item => TemplateTexts.Text(item, "'.join()'")))),
            _ => throw Wrong(name, text, name == "index" ? "a list" : "an object"),
        };

        bool Any(object? parts, Func<string, bool> holds) => (parts as List<object?> ?? [parts]).Exists(one =>
        {
            var part = TemplateTexts.Text(one, $"'.{name}()'");
            run.Spend(part.Length + 1);
            return holds(part);
        });
    }

    private static long OfList(TemplateRun run, string name, List<object?> list, IReadOnlyList<object?> arguments)
    {
        if (name != "index") throw Wrong(name, list, OfMaps(name) ? "an object" : "a text");
        var sought = arguments[0];
        return list.FindIndex(item => TemplateOperations.AreEqual(run, item, sought)) is >= 0 and var found
            ? found
            : throw new TemplateException(
                $"found {TemplateValue.Name(sought)} nowhere in the list before '.index()', expected one of its items; correct the data");
    }

    private static object? OfMap(TemplateRun run, string name, IReadOnlyDictionary<string, object?> map, IReadOnlyList<object?> arguments)
    {
        run.Spend(name == "get" ? arguments[0] is string sought ? sought.Length : 1 : map.Count);
        return name switch
        {
            "get" => arguments[0] is string key && map.TryGetValue(key, out var value) ? value : arguments.Count == 2 ? arguments[1] : null,
            "items" => map.Select(pair => (object?)(List<object?>)[pair.Key, pair.Value]).ToList(),
            "keys" => map.Keys.Select(one => (object?)one).ToList(),
            "values" => map.Values.ToList(),
            _ => throw Wrong(name, map, name == "index" ? "a list" : "a text"),
        };
    }

    private static long Find(TemplateRun run, string text, string sought)
    {
        TemplateOperations.SpendSearch(run, text, sought);
        return text.IndexOf(sought, StringComparison.Ordinal) is >= 0 and var at ? PythonText.Length(text[..at]) : -1;
    }

    private static bool OfMaps(string name) => MethodsOfMaps.Contains(name);

    private static TemplateException Wrong(string name, object? value, string expected) =>
        new($"found {TemplateValue.Name(value)} before '.{name}()', expected {expected}; correct the template or the data");
}

/// <summary>What filters and methods make of texts, in Python's meaning.</summary>
internal static partial class TemplateTexts
{
    /// <summary>An argument that must be a text.</summary>
    public static string Text(object? value, string what) =>
        value as string ?? throw new TemplateException(
            $"found {TemplateValue.Name(value)} in {what}, expected a text; correct the template or the data");

    /// <summary>A text without white space, or some characters, at its ends.</summary>
    public static string Strip(string text, object? characters, bool left, bool right)
    {
        if (characters is null) return left && right ? PythonText.Strip(text) : left ? PythonText.StripLeft(text)
            : PythonText.StripRight(text);
        var away = Text(characters, "'.strip()'").EnumerateRunes().ToHashSet();
        var runes = text.EnumerateRunes().ToList();
        var start = left ? runes.TakeWhile(away.Contains).Count() : 0;
        var end = right ? runes.Count - runes.Skip(start).Reverse().TakeWhile(away.Contains).Count() : runes.Count;
        return string.Concat(runes[start..end]);
    }

    /// <summary><c>str.split(separator, most)</c>.</summary>
    public static List<object?> Split(TemplateRun run, string text, IReadOnlyList<object?> arguments)
    {
        if (arguments.Count == 2 && arguments[1] is not long)
            throw new TemplateException(
                $"found {TemplateValue.Name(arguments[1])} in '.split()', expected a whole number; correct the template");
        var most = arguments.Count == 2 && arguments[1] is long number and >= 0 and < int.MaxValue ? (int)number + 1 : int.MaxValue;
        if (arguments.Count == 0 || arguments[0] is null)
        {
            if (most != int.MaxValue)
                throw new TemplateException("found '.split()' at so many white spaces, expected a text to split at; take another template");
            return [.. PythonText.Words(text)];
        }

        var separator = Text(arguments[0], "'.split()'");
        if (separator.Length == 0)
            throw new TemplateException("found an empty text in '.split()', expected one that stands between parts; correct the template");
        TemplateOperations.SpendSearch(run, text, separator);
        return [.. text.Split(separator, most)];
    }

    /// <summary><c>str.replace(old, new, most)</c>.</summary>
    public static string Replace(TemplateRun run, string text, object? old, object? by, object? most)
    {
        var (sought, put) = (Text(old, "'replace'"), Text(by, "'replace'"));
        if (most is not null || sought.Length == 0)
        {
            throw new TemplateException(
                $"found 'replace' of {(most is null ? "an empty text" : "so many places")}, expected a text at all its places; " +
                    "take another template");
        }

        TemplateOperations.SpendSearch(run, text, sought);

        // How long it gets is counted before it is made.
        var places = put.Length > sought.Length ? text.AsSpan().Count(sought) : 0;
        run.Spend(text.Length + ((long)places * put.Length));
        return text.Replace(sought, put, StringComparison.Ordinal);
    }

    /// <summary>Large and small letters; where Python's tables may differ from .NET's, beyond ASCII, the text is refused.</summary>
    public static string Case(string name, string text)
    {
        if (text.FirstOrDefault(letter => !char.IsAscii(letter) && (char.IsLetter(letter) || char.IsSurrogate(letter))) is not '\0'
            and var letter)
        {
            throw new TemplateException(
                $"found '{letter}' in a text whose letters {name} is to change, expected only letters of ASCII; take another template, "
                + "or write the messages without");
        }

        return name switch
        {
            "upper" => text.ToUpperInvariant(),
            "lower" => text.ToLowerInvariant(),
            "capitalize" => Capital(text),
            "title" => Words().Replace(text, match => Capital(match.Value)),
            _ => FilteredWords().Replace(text, match => Capital(match.Value)),
        };
    }

    /// <summary>What HTML writes for a text.</summary>
    public static string Escape(string text) => new StringBuilder(text)
        .Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("'", "&#39;").Replace("\"", "&#34;").ToString();

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    // str.title: a letter behind none begins a word.
    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Words();

    // The filter: these characters alone end one.
    [GeneratedRegex(@"[^-\s({\[<]+")]
    private static partial Regex FilteredWords();
}

/// <summary>Text as Python sees it, where .NET differs.</summary>
public static class PythonText
{
    private static readonly char[] Spaces = [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(IsSpace)];

    /// <summary><c>str.strip()</c>.</summary>
    public static string Strip(string text) => text.Trim(Spaces);

    /// <summary><c>str.lstrip()</c>.</summary>
    public static string StripLeft(string text) => text.TrimStart(Spaces);

    /// <summary><c>str.rstrip()</c>.</summary>
    public static string StripRight(string text) => text.TrimEnd(Spaces);

    /// <summary><c>len(str)</c>: code points.</summary>
    public static int Length(string text) => text.EnumerateRunes().Count();

    /// <summary><c>list(str)</c>: code points.</summary>
    public static IEnumerable<string> Letters(string text) => text.EnumerateRunes().Select(rune => rune.ToString());

    /// <summary><c>str.isspace()</c> of one character.</summary>
    public static bool IsSpace(char letter) => char.IsWhiteSpace(letter) || letter is >= '\u001c' and <= '\u001f';

    /// <summary><c>str.split()</c>: the words.</summary>
    public static string[] Words(string text) => text.Split(Spaces, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether a text is nothing but digits, as <c>str.isdigit()</c> and a number's literal ask for.</summary>
    public static bool IsNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>Order by code points.</summary>
    public static int Compare(string one, string other) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));
}
