using System.Text;
using System.Text.RegularExpressions;

namespace Harness.Models.Templates;

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
