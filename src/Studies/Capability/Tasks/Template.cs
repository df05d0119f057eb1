using System.Text;

namespace Harness.Studies.Capability.Tasks;

/// <summary>
/// The part of Jinja that multiple-choice tasks use: text with <c>{{ expression }}</c> in it. Statements (<c>{% %}</c>), comments and white-space
/// control are refused by name.
/// </summary>
internal sealed class Template
{
    private readonly List<(string? Text, TemplateExpression? Expression)> parts;

    private Template(List<(string? Text, TemplateExpression? Expression)> parts) => this.parts = parts;

    /// <summary>The expression where the template is nothing else.</summary>
    public TemplateExpression? Single => parts is [(null, { } expression)] ? expression : null;

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">Something in it is not understood.</exception>
    public static Template Parse(string text)
    {
        var parts = new List<(string?, TemplateExpression?)>();
        for (var at = 0; at < text.Length;)
        {
            var open = FirstOf(text, at);
            if (open > at) parts.Add((text[at..open], null));
            if (open == text.Length) break;
            if (text[open + 1] != '{')
            {
                throw new TemplateException(
                    $"found '{text.Substring(open, 2)}', a {(text[open + 1] == '%' ? "statement" : "comment")} of Jinja, "
                    + "expected text and {{ expressions }}; put what it computes into the data");
            }

            parts.Add((null, TemplateExpression.Parse(text, open + 2, out at)));
        }

        return new Template(parts);
    }

    /// <summary>The text for a document.</summary>
    /// <exception cref="TemplateException">The document has not what the template asks for.</exception>
    public string Render(IReadOnlyDictionary<string, object?> document)
    {
        var text = new StringBuilder();
        foreach (var (literal, expression) in parts)
        {
            var value = expression is null ? literal : expression.Evaluate(document);
            text.Append(TaskValue.Text(value) ?? throw new TemplateException(
                $"found {TaskValue.Name(value)} for '{{{{{expression}}}}}', expected a text or a whole number; pick one of its items"));
        }

        return text.ToString();
    }

    private static int FirstOf(string text, int from)
    {
        for (var at = from; at < text.Length - 1; at++)
        {
            if (text[at] == '{' && (text[at + 1] is '{' or '%' or '#')) return at;
        }

        return text.Length;
    }
}
