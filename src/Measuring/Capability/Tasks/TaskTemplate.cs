using Harness.Models.Templates;

namespace Harness.Measuring.Capability.Tasks;

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
