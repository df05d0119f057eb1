using Harness.Measuring.Yaml;
using Harness.Models.Templates;
using Document = System.Collections.Generic.IReadOnlyDictionary<string, object?>;

namespace Harness.Measuring.Capability.Tasks;

/// <summary>
/// Makes questions of documents, by a task's <c>description</c> and <c>doc_to_…</c>: each the name of a column, or a template.
/// </summary>
internal sealed class TaskPrompts
{
    private const string DocToText = "doc_to_text", DocToChoice = "doc_to_choice", DocToTarget = "doc_to_target",
        Description = "description";
    private readonly TaskYaml yaml;
    private readonly string description, text, choice = "", target;
    private readonly int? targetNumber;
    private readonly IReadOnlyList<string>? choices;
    private readonly Dictionary<string, JinjaTemplate> templates = new(StringComparer.Ordinal);

    /// <summary>Reads the keys and their templates.</summary>
    public TaskPrompts(TaskYaml yaml)
    {
        this.yaml = yaml;
        (text, description, target) = (yaml.Text(DocToText), yaml.Text(Description, ""), yaml.Text(DocToTarget));
        if (yaml.Find(DocToTarget) is YamlScalar scalar && TaskYaml.IsNumber(scalar, out var number)) targetNumber = number;
        if (yaml.Find(DocToChoice) is YamlList or YamlMap) choices = yaml.Texts(DocToChoice);
        else choice = yaml.Text(DocToChoice);

        // Read all now: a mistake in one does not wait for a document.
        foreach (var (key, value) in new[] { (DocToText, text), (DocToTarget, target), (DocToChoice, choice), (Description, description) })
            At(key, null, () => templates[key] = TaskTemplate.Parse(value));
    }

    /// <summary>The question that a document asks.</summary>
    /// <param name="document">The document.</param>
    /// <param name="number">Its number, from 1, for errors.</param>
    /// <param name="columns">The fields of all documents.</param>
    public TaskQuestion Question(Document document, int number, IReadOnlySet<string> columns)
    {
        var asked = At(DocToText, number, () => Text(DocToText, text, document, columns));
        if (PythonText.IsNumber(asked, out _) && !columns.Contains(text))
        {
            throw Wrong(
                DocToText, number, $"found nothing but the number {asked}, " +
                    "expected a text, as the harness takes a number for that of a choice; correct it");
        }

        var context = At(Description, number, () => description.Length == 0 ? "" : Text(Description, description, document, columns))
            + asked;
        var all = At(DocToChoice, number, () => choices ?? Choices(document, columns));
        if (all.Count < 2 || all.Any(one => one.Length == 0))
        {
            var found = all.Count < 2 ? $"{all.Count} choices" : "an empty choice";
            throw Wrong(DocToChoice, number, $"found {found}, expected at least two texts; correct the data");
        }

        return new TaskQuestion(context, all, At(DocToTarget, number, () => Right(document, columns, all)));
    }

    private string Text(string key, string value, Document document, IReadOnlySet<string> columns)
    {
        if (!columns.Contains(value)) return templates[key].Render(document);
        return document.GetValueOrDefault(value) is string read
            ? read
            : throw new TemplateException(
                $"found {TemplateValue.Name(document.GetValueOrDefault(value))} in field '{value}', expected a text; correct the data");
    }

    private IReadOnlyList<string> Choices(Document document, IReadOnlySet<string> columns)
    {
        var value = columns.Contains(choice)
            ? document.GetValueOrDefault(choice)
            : templates[DocToChoice].Single is { } expression
                ? expression(document)
                : throw new TemplateException(
                    $"found '{choice}', expected a field, a list, or one {{{{expression}}}} and nothing beside it; correct it");
        return value is List<object?> list && list.All(item => item is string)
            ? [.. list.Cast<string>()]
            : throw new TemplateException($"found {TemplateValue.Name(value)}, expected a list of texts; correct it or the data");
    }

    private IReadOnlyList<int> Right(Document document, IReadOnlySet<string> columns, IReadOnlyList<string> all)
    {
        if (targetNumber is { } fixedNumber) return [Index((long)fixedNumber)];
        var value = columns.Contains(target) ? document.GetValueOrDefault(target) : Computed();
        if (value is not List<object?> list) return [Index(value)];
        return list.Count > 0 && list.All(item => item is long)
            ? [.. list.Select(Index)]
            : throw new TemplateException("found a list, expected the numbers of the right choices, from 0; correct it or the data");

        // A template gives text, which is a number where it is nothing but digits.
        object? Computed()
        {
            if (templates[DocToTarget].Single?.Invoke(document) is List<object?> several) return several;
            var rendered = templates[DocToTarget].Render(document);
            return PythonText.IsNumber(rendered, out var number) ? (long)number : rendered;
        }

        int Index(object? one) => one switch
        {
            long number when number >= 0 && number < all.Count => (int)number,
            bool truth => truth ? 1 : 0,
            string wanted when all.ToList().IndexOf(wanted) is >= 0 and var found => found,
            _ => throw new TemplateException(
                $"found {TemplateValue.Name(one)}, expected the number of a choice, 0 to {all.Count - 1}, or one of "
                + string.Join(", ", all.Select(text => $"'{text}'")) + "; correct it or the data"),
        };
    }

    private T At<T>(string key, int? number, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (TemplateException cause)
        {
            throw Wrong(key, number, cause.Message);
        }
    }

    private InputException Wrong(string key, int? number, string message) =>
        yaml.Error(key, number is null ? message : $"document {number}: {message}");
}

/// <summary>
/// The part of Jinja that multiple-choice tasks use: text with <c>{{ expression }}</c> in it. An expression is a field, a text, a whole
/// number or a list of expressions; then <c>.name</c>, <c>[expression]</c>, the methods <c>strip()</c>, <c>lstrip()</c>, <c>rstrip()</c> of
/// texts and <c>index(value)</c> of lists, and the filter <c>trim</c>. Statements (<c>{% %}</c>), comments and white-space control are
/// refused by name.
/// </summary>
internal static class TaskTemplate
{
    private static readonly TemplateRules Rules = new()
    {
        IsWhole = false,
        Filters = ["trim"],
        Methods = new Dictionary<string, (int, int)> { ["strip"] = (0, 0), ["lstrip"] = (0, 0), ["rstrip"] = (0, 0), ["index"] = (1, 1) },
    };

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">Something in it is not understood.</exception>
    public static JinjaTemplate Parse(string text) => JinjaTemplate.Parse(text, Rules);
}
