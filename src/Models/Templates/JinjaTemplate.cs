namespace Harness.Models.Templates;

/// <summary>
/// A template of Jinja: text with <c>{{ expressions }}</c> and, where the rules have it so, <c>{% statements %}</c>. It renders as Python's
/// jinja2 renders it, or is refused: what is not understood is named, never passed over. How long it runs and what it writes is bounded.
/// </summary>
public sealed class JinjaTemplate
{
    private const int Longest = 1 << 20;
    private readonly TemplateRules rules;
    private readonly TemplateParser parsed;

    private JinjaTemplate(string text, TemplateRules rules)
    {
        this.rules = rules;
        var cursor = new TokenCursor(text, rules);
        try
        {
            parsed = new TemplateParser(cursor, rules);
        }
        catch (TemplateException error) when (error.Line == 0)
        {
            throw new TemplateException(error.Message, cursor.Line);
        }
    }

    /// <summary>The value of the expression, for a document, where the template is nothing else; null otherwise.</summary>
    public Func<IReadOnlyDictionary<string, object?>, object?>? Single =>
        parsed.Single is { } expression ? document => expression(new TemplateRun(rules, document)) : null;

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">Something in it is not understood.</exception>
    public static JinjaTemplate Parse(string text, TemplateRules rules)
    {
        if (text.Length > Longest)
            throw new TemplateException($"found {text.Length} characters, expected at most {Longest}; take a simpler template");

        // As Jinja reads it: any line end is a line feed, and the last one does not count where statements take theirs.
        text = text.ReplaceLineEndings("\n");
        return new JinjaTemplate(rules.IsWhole && text.EndsWith('\n') ? text[..^1] : text, rules);
    }

    /// <summary>The text for a document.</summary>
    /// <param name="document">Names and their values; see <see cref="TemplateValue"/>.</param>
    /// <exception cref="TemplateException">The document has not what the template asks for, or the template does too much.</exception>
    public string Render(IReadOnlyDictionary<string, object?> document)
    {
        var run = new TemplateRun(rules, document);
        try
        {
            parsed.Write(run);
            return run.Output.ToString();
        }
        catch (TemplateException error) when (error.Line == 0)
        {
            throw new TemplateException(error.Message, run.Line);
        }
    }
}

/// <summary>How much of Jinja a template may use, and what it is used for.</summary>
public sealed record TemplateRules
{
    /// <summary>
    /// Chat templates: statements and operators; what is not there is undefined; a statement takes the white space before it on its line
    /// and the line end behind it, as transformers sets Jinja up. What is not known is refused when it is come to.
    /// </summary>
    public static TemplateRules Chat
    {
        get;
    } = new() { IsWhole = true, Filters = TemplateFilters.Names, Methods = TemplateMethods.Arities };

    /// <summary>Whether there are statements and operators; without them, what is not there is an error.</summary>
    public required bool IsWhole { get; init; }

    /// <summary>Names of filters.</summary>
    public required IReadOnlyCollection<string> Filters { get; init; }

    /// <summary>Names of methods, with their least and most arguments.</summary>
    public required IReadOnlyDictionary<string, (int Least, int Most)> Methods { get; init; }
}

/// <summary>What is wrong with a template or with what it is given: "found …, expected …; what to do", without the place.</summary>
/// <param name="message">The message.</param>
/// <param name="line">Line of the template, from 1; 0 where it is not known.</param>
public sealed class TemplateException(string message, int line = 0) : Exception(message)
{
    /// <summary>Line of the template, from 1; 0 where it is not known.</summary>
    public int Line => line;
}
