using System.Globalization;
using Document = System.Collections.Generic.IReadOnlyDictionary<string, object?>;

namespace Harness.Studies.Capability.Tasks;

/// <summary>
/// An expression of a template: a field, a text, a whole number or a list of expressions; then <c>.name</c>, <c>[expression]</c>, the methods
/// <c>strip()</c>, <c>lstrip()</c>, <c>rstrip()</c> of texts and <c>index(value)</c> of lists, and the filter <c>trim</c>. Python's meaning throughout.
/// </summary>
internal sealed class TemplateExpression
{
    // Each is a call in the next one: far fewer than would overflow the stack, far more than a template has.
    private const int MostParts = 1000;

    private readonly string text;
    private readonly Func<Document, object?> evaluate;
    private int at, parts;

    private TemplateExpression(string template, int start, out int end)
    {
        (text, at) = (template, start);
        if (at < text.Length && text[at] is '-' or '+') throw Unexpected("an expression");
        evaluate = ReadExpression();
        Skip();
        if (!text.AsSpan(at).StartsWith("}}")) throw Unexpected("'}}'");
        end = at + 2;
        text = template[start..at].Trim();
    }

    /// <summary>Reads what stands between braces.</summary>
    /// <param name="template">The whole template.</param>
    /// <param name="start">Behind the opening braces.</param>
    /// <param name="end">Behind the closing ones.</param>
    /// <exception cref="TemplateException">Something is not understood.</exception>
    public static TemplateExpression Parse(string template, int start, out int end) => new(template, start, out end);

    /// <summary>Its value for a document.</summary>
    /// <exception cref="TemplateException">The document has not what the expression asks for.</exception>
    public object? Evaluate(Document document) => evaluate(document);

    /// <summary>Its text.</summary>
    public override string ToString() => text;

    private Func<Document, object?> ReadExpression()
    {
        var value = ReadPrimary();
        while (true)
        {
            Count();
            Skip();
            switch (at < text.Length ? text[at] : '\0')
            {
                case '.':
                    at++;
                    value = ReadMember(value);
                    break;
                case '[':
                    at++;
                    value = Item(value, ReadExpression());
                    Expect(']');
                    break;
                case '|':
                    at++;
                    value = ReadFilter(value);
                    break;
                default:
                    return value;
            }
        }
    }

    private Func<Document, object?> ReadPrimary()
    {
        Count();
        Skip();
        if (at < text.Length && text[at] is '"' or '\'') return Constant(ReadText());
        if (at < text.Length && text[at] == '[')
        {
            at++;
            Func<Document, object?>[] items = [.. ReadItems(']')];
            return document => items.Select(item => item(document)).ToList();
        }

        var start = at;
        if (at < text.Length && text[at] == '-') at++;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        if (long.TryParse(text[start..at], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return Constant(number);
        at = start;
        var name = ReadName("a field, a text, a whole number or a list");
        return document => document.TryGetValue(name, out var value)
            ? value
            : throw new TemplateException(
                $"found no field '{name}' in the document, expected one of {string.Join(", ", document.Keys)}; "
                + $"correct the template or the data{Nearest.Suggestion(name, document.Keys)}");
    }

    private Func<Document, object?> ReadMember(Func<Document, object?> value)
    {
        var name = ReadName("the name of a field or method");
        Skip();
        if (at >= text.Length || text[at] != '(')
        {
            TemplateOperations.CheckField(name);
            return Item(value, Constant(name));
        }

        at++;
        Func<Document, object?>[] arguments = [.. ReadItems(')')];
        TemplateOperations.CheckMethod(name, arguments.Length);
        return document => TemplateOperations.Call(name, value(document), [.. arguments.Select(argument => argument(document))]);
    }

    private Func<Document, object?> ReadFilter(Func<Document, object?> value)
    {
        var name = ReadName("the name of a filter");
        if (name != "trim")
        {
            throw new TemplateException($"found the filter '{name}', expected only trim; "
                + (name == "strip" ? "Jinja has no such filter: write trim, or .strip()" : "put what it computes into the data"));
        }

        return document => PythonText.Strip(TaskValue.Text(value(document))
            ?? throw new TemplateException($"found {TaskValue.Name(value(document))} before '|trim', expected a text; correct the template or the data"));
    }

    private IEnumerable<Func<Document, object?>> ReadItems(char end)
    {
        for (Skip(); at < text.Length && text[at] != end; Skip())
        {
            yield return ReadExpression();
            Skip();
            if (at < text.Length && text[at] == ',') at++;
            else break;
        }

        Expect(end);
    }

    private string ReadText()
    {
        var (quote, read) = (text[at++], new System.Text.StringBuilder());
        for (; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                read.Append(text[at]);
                continue;
            }

            at++;
            read.Append(text[at] switch
            {
                'n' => '\n',
                't' => '\t',
                '\\' or '\'' or '"' => text[at],
                _ => throw new TemplateException($@"found '\{text[at]}' in a text, expected only \n, \t, \\, \' and \""; write the character itself"),
            });
        }

        Expect(quote);
        return read.ToString();
    }

    private string ReadName(string expected)
    {
        Skip();
        var start = at;
        while (at < text.Length && (char.IsLetter(text[at]) || text[at] == '_' || (at > start && char.IsDigit(text[at])))) at++;
        return at > start ? text[start..at] : throw Unexpected(expected);
    }

    private void Expect(char wanted)
    {
        Skip();
        if (at >= text.Length || text[at] != wanted) throw Unexpected($"'{wanted}'");
        at++;
    }

    private void Count()
    {
        if (++parts > MostParts)
            throw new TemplateException($"found an expression of more than {MostParts} parts, expected fewer; put what it computes into the data");
    }

    private void Skip()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }

    private TemplateException Unexpected(string expected)
    {
        var rest = text[at..].Split("}}")[0].Trim();
        return new TemplateException(
            $"found {(rest.Length == 0 ? "the end" : $"'{rest}'")} in '{text}', expected {expected}; "
            + "only fields, items, texts, lists, strip() and index() are understood here");
    }

    private static Func<Document, object?> Item(Func<Document, object?> value, Func<Document, object?> key) =>
        document => TemplateOperations.Item(value(document), key(document));

    private static Func<Document, object?> Constant(object? value) => _ => value;
}
