namespace Harness.Models.Templates;

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
